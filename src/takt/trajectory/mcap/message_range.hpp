#pragma once

#include <cstddef>
#include <iterator>
#include <memory>

#include "takt/core/time.hpp"
#include "takt/trajectory/mcap/values.hpp"

namespace takt::trajectory::mcap {

namespace internal {
class Merge;
}

/// Messages of a Reader, one after the other by rising log time. Decodes a chunk when its first message is due, checks
/// its CRC, and keeps no more in memory than the reader's options allow.
///
/// Move-only; one thread at a time; the reader must outlive it. What a message refers to is valid until the next call.
class MessageRange {
 public:
  explicit MessageRange(std::unique_ptr<internal::Merge> merge) noexcept;
  ~MessageRange();
  MessageRange(MessageRange&&) noexcept;
  MessageRange& operator=(MessageRange&&) noexcept;

  /// The next message, nothing at the end. @throws ConfigError naming the file and the chunk: it is damaged;
  /// SystemError.
  [[nodiscard]] const Message* next();

  /// Makes next() give the first message at or after this time, back or ahead, within the filter.
  void seek(core::Nanoseconds log_time_ns);

  /// For `for (const Message& message : range)`: an input iterator, from where the range is.
  class Iterator {
   public:
    using value_type = Message;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    const Message& operator*() const noexcept { return *message_; }
    const Message* operator->() const noexcept { return message_; }
    Iterator& operator++() {
      message_ = range_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& iterator, std::default_sentinel_t /*end*/) noexcept {
      return iterator.message_ == nullptr;
    }

   private:
    friend class MessageRange;
    explicit Iterator(MessageRange* range) : range_(range), message_(range->next()) {}

    MessageRange* range_;
    const Message* message_;
  };

  [[nodiscard]] Iterator begin() { return Iterator(this); }
  [[nodiscard]] static std::default_sentinel_t end() noexcept { return {}; }

 private:
  std::unique_ptr<internal::Merge> merge_;
};

}  // namespace takt::trajectory::mcap
