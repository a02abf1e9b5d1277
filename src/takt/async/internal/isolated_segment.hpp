#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace takt::async::internal {

/// What a request asks of the child.
enum class RequestKind : std::uint32_t {
  kCall,  ///< run the dispatcher and go on
  kStop,  ///< run the dispatcher, answer, exit
};

/// What a reply's bytes are.
enum class ReplyKind : std::uint32_t {
  kValue,    ///< what the dispatcher wrote
  kThrew,    ///< type name, a zero byte, what(): the user's code threw
  kRefused,  ///< text: the child could not read the arguments or write the result
};

/// The first page of the memory that parent and child share. One call at a time: the parent fills the request and then
/// counts `request_number` up, the child fills the reply and then sets `reply_number` to the same. The counters carry
/// the acquire and release; everything else is plain memory that belongs to one side at a time.
struct SegmentHeader {
  alignas(64) std::atomic<std::uint32_t> request_number{0};  ///< the child's futex
  RequestKind request_kind{RequestKind::kCall};
  std::uint64_t dispatcher{0};  ///< address of a Dispatcher
  std::uint64_t target{0};      ///< address of the function that the dispatcher calls, if it does not know it
  std::uint64_t request_bytes{0};

  alignas(64) std::atomic<std::uint32_t> reply_number{0};
  ReplyKind reply_kind{ReplyKind::kValue};
  std::uint64_t reply_bytes{0};
  std::atomic<std::int32_t> process{0};  ///< the child's, 0 until it runs
  std::atomic<std::int32_t> crash{0};    ///< the signal that is killing the child, noted before its memory is torn down
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

/// The shared memory of one isolated object, mapped: header page, request area, reply area. Pages cost memory only once
/// they are written. Movable; unmaps.
class Segment {
 public:
  /// The size of the file behind a segment with two areas of `area_bytes`.
  [[nodiscard]] static std::size_t file_bytes(std::size_t area_bytes) noexcept;

  /// Maps `file`, which may be closed afterwards. @throws SystemError.
  Segment(int file, std::size_t area_bytes);
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  [[nodiscard]] SegmentHeader& header() const noexcept;
  [[nodiscard]] std::span<std::byte> request_area() const noexcept;
  [[nodiscard]] std::span<std::byte> reply_area() const noexcept;

 private:
  std::byte* begin_;
  std::size_t area_bytes_;
};

/// A sealed memory file of that size: nobody can shrink it under the other's feet. Close-on-exec. @throws SystemError.
[[nodiscard]] int make_segment_file(std::size_t area_bytes);

}  // namespace takt::async::internal
