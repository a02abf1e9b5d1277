#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "takt/trajectory/recorder/internal/record.hpp"

namespace takt::trajectory::recorder::internal {

/// The channels of a recorder, in the order in which they were made. Any thread; takes a short lock. What it gives out
/// stays where it is.
class Channels {
 public:
  /// @throws LogicError when the topic is there already.
  Channel& add(ChannelSpec spec);
  /// The channel of this topic, made by `make` when there is none.
  Channel& find_or_add(const std::string& topic, ChannelSpec (*make)(std::string_view), std::string_view kind);

  [[nodiscard]] std::size_t size() const;
  /// From `first` on.
  [[nodiscard]] std::vector<Channel*> list(std::size_t first = 0) const;

 private:
  [[nodiscard]] Channel* find(const std::string& topic) const;  // the lock is held

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Channel>> channels_;
};

}  // namespace takt::trajectory::recorder::internal
