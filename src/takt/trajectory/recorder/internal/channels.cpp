#include "takt/trajectory/recorder/internal/channels.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::trajectory::recorder::internal {

Channel& Channels::add(ChannelSpec spec) {
  const std::scoped_lock lock(mutex_);
  if (find(spec.topic) != nullptr) {
    throw LogicError(fmt::format("recorder: there is a channel '{}' already", spec.topic));
  }
  return *channels_.emplace_back(std::make_unique<Channel>(std::move(spec)));
}

Channel& Channels::find_or_add(const std::string& topic, ChannelSpec (*make)(std::string_view), std::string_view kind) {
  const std::scoped_lock lock(mutex_);
  if (Channel* found = find(topic); found != nullptr) {
    return *found;
  }
  return *channels_.emplace_back(std::make_unique<Channel>(make(kind)));
}

Channel* Channels::find(const std::string& topic) const {
  const auto found = std::ranges::find_if(channels_, [&](const auto& channel) { return channel->spec.topic == topic; });
  return found == channels_.end() ? nullptr : found->get();
}

std::size_t Channels::size() const {
  const std::scoped_lock lock(mutex_);
  return channels_.size();
}

std::vector<Channel*> Channels::list(std::size_t first) const {
  const std::scoped_lock lock(mutex_);
  std::vector<Channel*> channels;
  for (std::size_t i = first; i < channels_.size(); ++i) {
    channels.push_back(channels_[i].get());
  }
  return channels;
}

}  // namespace takt::trajectory::recorder::internal
