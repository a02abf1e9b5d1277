#include "takt/trajectory/recorder/internal/episodes.hpp"

#include <utility>

#include <fmt/format.h>

namespace takt::trajectory::recorder::internal {

Expected<std::uint32_t, std::string> Episodes::begin(std::string task) {
  const std::scoped_lock lock(mutex_);
  if (counts_.open != 0) {
    return Unexpected(fmt::format("episode {} is open: end or discard it first", counts_.open));
  }
  auto number = put(RecordKind::kBegin, counts_.begun + 1, std::nullopt, std::move(task));
  if (number) {
    counts_.open = counts_.begun = *number;
  }
  return number;
}

Expected<std::uint32_t, std::string> Episodes::end(std::optional<bool> success) {
  const std::scoped_lock lock(mutex_);
  if (counts_.open == 0) {
    return Unexpected(std::string("no episode is open"));
  }
  auto number = put(RecordKind::kEnd, counts_.open, success);
  if (number) {
    counts_.open = 0;
  }
  return number;
}

Expected<std::uint32_t, std::string> Episodes::mark(bool success) {
  const std::scoped_lock lock(mutex_);
  if (counts_.begun == 0) {
    return Unexpected(std::string("there is no episode yet"));
  }
  return put(RecordKind::kMark, open_or_last(), success);
}

Expected<std::uint32_t, std::string> Episodes::discard() {
  const std::scoped_lock lock(mutex_);
  if (counts_.begun == 0) {
    return Unexpected(std::string("there is no episode yet"));
  }
  auto number = put(RecordKind::kDiscard, open_or_last(), std::nullopt);
  if (number) {
    counts_.open = 0;
  }
  return number;
}

void Episodes::close() {
  const std::scoped_lock lock(mutex_);
  counts_.open = 0;
  intake_.open.store(false, std::memory_order_release);
}

Episodes::Counts Episodes::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

Expected<std::uint32_t, std::string> Episodes::put(RecordKind kind, std::uint32_t episode, std::optional<bool> success,
                                                   std::string task) {
  if (file_.failed()) {
    return Unexpected("the recording has ended: " + file_.fault());
  }
  if (!intake_.open.load(std::memory_order_acquire)) {
    return Unexpected(fmt::format("the recording {} is closed", name_));
  }
  const bool fits = intake_.put(channel_, kind, 0, [&](Record& record) {
    record.episode = episode;
    record.success = success;
    record.owned = std::move(task);
  });
  if (!fits) {
    return Unexpected(fmt::format("the disk does not take the recording {}: try again when it does", name_));
  }
  return episode;
}

}  // namespace takt::trajectory::recorder::internal
