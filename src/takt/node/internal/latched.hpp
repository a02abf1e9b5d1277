#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "takt/node/internal/endpoints.hpp"

/// Internal to node.
namespace takt::node::internal {

/// What the transient local publishers of one bus keep for those who come late: of each one, its last messages. One per
/// bus and type (Bus::shared). Thread safe.
template <class T>
class Latched {
 private:
  using Message = std::shared_ptr<const T>;
  using Messages = std::multimap<std::string, std::deque<Message>, std::less<>>;  // by topic

 public:
  /// What one publisher keeps, for as long as this lives.
  class Kept {
   public:
    Kept(Latched& latched, const std::string& topic, std::uint32_t depth)
        : latched_(latched), depth_(depth == 0 ? kKeepAllBound : depth) {
      const std::scoped_lock lock(latched_.mutex_);
      mine_ = latched_.messages_.emplace(topic, std::deque<Message>{});
    }
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;
    ~Kept() {
      const std::scoped_lock lock(latched_.mutex_);
      latched_.messages_.erase(mine_);
    }

    void keep(Message message) {
      Message oldest;  // destroyed after the lock
      const std::scoped_lock lock(latched_.mutex_);
      mine_->second.push_back(std::move(message));
      if (mine_->second.size() > depth_) {
        oldest = std::move(mine_->second.front());
        mine_->second.pop_front();
      }
    }

   private:
    Latched& latched_;
    const std::size_t depth_;
    Messages::iterator mine_;
  };

  /// Of every publisher of that topic, the oldest of each first.
  [[nodiscard]] std::vector<std::shared_ptr<const T>> of(std::string_view topic) const {
    std::vector<Message> found;
    const std::scoped_lock lock(mutex_);
    for (auto [it, end] = messages_.equal_range(topic); it != end; ++it) {
      found.insert(found.end(), it->second.begin(), it->second.end());
    }
    return found;
  }

 private:
  mutable std::mutex mutex_;
  Messages messages_;
};

}  // namespace takt::node::internal
