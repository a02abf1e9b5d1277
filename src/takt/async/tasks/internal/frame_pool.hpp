#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// Memory for coroutine frames and the records of running tasks: freed blocks are kept per thread and size class, so
/// that a program in its steady state allocates nothing. Internal to async.
namespace takt::async::internal {

/// The blocks that a thread keeps. Trivial, so that it outlives every destructor of its thread.
struct FramePool {
  static constexpr std::size_t kClassBytes = 32;
  static constexpr std::size_t kClasses = 64;  // frames of up to 2 KiB are recycled
  static constexpr std::uint32_t kMaxBlocks = 4096;

  struct Block {
    Block* next;
  };
  struct Shelf {
    Block* first{nullptr};
    std::uint32_t room{0};  ///< for so many more; none before the thread's first free, and after its end
  };

  /// kClasses and more: is not kept.
  static constexpr std::size_t class_of(std::size_t size) noexcept { return (size - 1) / kClassBytes; }

  std::array<Shelf, kClasses> shelves{};
};

extern constinit thread_local FramePool frame_pool;

/// What the two below do when the pool has no block, or no room.
[[nodiscard]] void* allocate_new_frame(std::size_t size);
void free_surplus_frame(void* block, std::size_t size) noexcept;

/// A block of `size` bytes, aligned for any scalar. @throws std::bad_alloc
[[nodiscard]] inline void* allocate_frame(std::size_t size) {
  if (const std::size_t index = FramePool::class_of(size); index < FramePool::kClasses) [[likely]] {
    FramePool::Shelf& shelf = frame_pool.shelves[index];
    if (FramePool::Block* block = shelf.first; block != nullptr) [[likely]] {
      shelf.first = block->next;
      ++shelf.room;
      return block;
    }
  }
  return allocate_new_frame(size);
}

/// Takes a block back that allocate_frame(size) of any thread gave. Keeps it for this thread's next frame, up to
/// 4096 blocks of each size class; under AddressSanitizer it frees it at once, so that a use after free is seen.
inline void free_frame(void* block, std::size_t size) noexcept {
  if (const std::size_t index = FramePool::class_of(size); index < FramePool::kClasses) [[likely]] {
    FramePool::Shelf& shelf = frame_pool.shelves[index];
    if (shelf.room > 0) [[likely]] {
      auto* kept = static_cast<FramePool::Block*>(block);
      kept->next = shelf.first;
      shelf.first = kept;
      --shelf.room;
      return;
    }
  }
  free_surplus_frame(block, size);
}

}  // namespace takt::async::internal
