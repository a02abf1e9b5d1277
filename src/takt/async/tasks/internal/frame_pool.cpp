#include "takt/async/tasks/internal/frame_pool.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

#include "takt/core/sanitizers.hpp"

namespace takt::async::internal {
namespace {

constexpr std::size_t kClassBytes = 64;
constexpr std::size_t kClasses = 32;  // frames of up to 2 KiB are recycled
constexpr std::uint32_t kMaxBlocks = 4096;

struct FreeBlock {
  FreeBlock* next;
};

// Trivial, so that it outlives every destructor of this thread; PoolOwner empties it.
struct Pool {
  std::array<FreeBlock*, kClasses> first{};
  std::array<std::uint32_t, kClasses> count{};
  bool owned{false};
};

constinit thread_local Pool pool;

struct PoolOwner {
  PoolOwner() { pool.owned = true; }
  PoolOwner(const PoolOwner&) = delete;
  PoolOwner& operator=(const PoolOwner&) = delete;
  ~PoolOwner() {
    pool.owned = false;
    for (FreeBlock*& first : pool.first) {
      while (first != nullptr) {
        std::free(std::exchange(first, first->next));
      }
    }
  }
};

// Frees the blocks when the thread ends. False after that.
bool pool_is_owned() {
  if (!pool.owned) [[unlikely]] {
    static thread_local PoolOwner owner;
    static_cast<void>(owner);
  }
  return pool.owned;
}

constexpr std::size_t class_of(std::size_t size) noexcept {
  return (size - 1) / kClassBytes;
}

}  // namespace

void* allocate_frame(std::size_t size) {
  const std::size_t index = class_of(size);
  if (index < kClasses) [[likely]] {
    if (FreeBlock* block = pool.first[index]; block != nullptr) [[likely]] {
      pool.first[index] = block->next;
      --pool.count[index];
      return block;
    }
    size = (index + 1) * kClassBytes;
  }
  void* block = std::malloc(size);
  if (block == nullptr) {
    throw std::bad_alloc();
  }
  return block;
}

void free_frame(void* block, std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  if (TAKT_ADDRESS_SANITIZER || index >= kClasses || pool.count[index] >= kMaxBlocks || !pool_is_owned()) [[unlikely]] {
    std::free(block);
    return;
  }
  auto* free_block = static_cast<FreeBlock*>(block);
  free_block->next = pool.first[index];
  pool.first[index] = free_block;
  ++pool.count[index];
}

}  // namespace takt::async::internal
