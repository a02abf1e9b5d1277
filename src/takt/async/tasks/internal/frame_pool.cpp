#include "takt/async/tasks/internal/frame_pool.hpp"

#include <cstdlib>
#include <new>
#include <utility>

#include "takt/core/sanitizers.hpp"

namespace takt::async::internal {

constinit thread_local FramePool frame_pool;

namespace {

constinit thread_local bool opened = false;  // once per thread

// Makes room in the pool, and frees what it keeps when the thread ends.
class PoolOwner {
 public:
  PoolOwner() {
    for (FramePool::Shelf& shelf : frame_pool.shelves) {
      shelf.room = FramePool::kMaxBlocks;
    }
  }
  PoolOwner(const PoolOwner&) = delete;
  PoolOwner& operator=(const PoolOwner&) = delete;
  ~PoolOwner() {
    for (FramePool::Shelf& shelf : frame_pool.shelves) {
      shelf.room = 0;
      while (shelf.first != nullptr) {
        std::free(std::exchange(shelf.first, shelf.first->next));
      }
    }
  }
};

}  // namespace

void* allocate_new_frame(std::size_t size) {
  const std::size_t index = FramePool::class_of(size);
  void* block = std::malloc(index < FramePool::kClasses ? (index + 1) * FramePool::kClassBytes : size);
  if (block == nullptr) {
    throw std::bad_alloc();
  }
  return block;
}

void free_surplus_frame(void* block, std::size_t size) noexcept {
  if (!TAKT_ADDRESS_SANITIZER && !std::exchange(opened, true)) {
    static thread_local const PoolOwner owner;
    static_cast<void>(owner);
    free_frame(block, size);
    return;
  }
  std::free(block);
}

}  // namespace takt::async::internal
