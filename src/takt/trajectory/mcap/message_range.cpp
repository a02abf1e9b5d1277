#include "takt/trajectory/mcap/message_range.hpp"

#include <utility>

#include "takt/trajectory/mcap/internal/merge.hpp"

namespace takt::trajectory::mcap {

MessageRange::MessageRange(std::unique_ptr<internal::Merge> merge) noexcept : merge_(std::move(merge)) {}
MessageRange::~MessageRange() = default;
MessageRange::MessageRange(MessageRange&&) noexcept = default;
MessageRange& MessageRange::operator=(MessageRange&&) noexcept = default;

const Message* MessageRange::next() {
  return merge_->next();
}

void MessageRange::seek(core::Nanoseconds log_time_ns) {
  merge_->seek(log_time_ns);
}

}  // namespace takt::trajectory::mcap
