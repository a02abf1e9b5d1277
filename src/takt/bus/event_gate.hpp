#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "takt/bus/transport.hpp"

/// What transports are made of: what their endpoints have in common.
namespace takt::bus {

/// The events of one endpoint: one at a time, whichever threads they come from, and none once it is closed. Posting and
/// running are apart, so that what happened is noted under the transport's lock, in its order, and said without it.
/// Thread safe.
class EventGate {
 public:
  explicit EventGate(EndpointEvents events) : events_(std::move(events)) {}

  void post_data();
  /// Under the lock under which matched() is looked at.
  void post_matched(const Matched& matched);
  void post_writable();
  void post_incompatible(std::string reason);

  /// Calls what was posted, on this thread and without a lock. Returns at once while they run already, on another
  /// thread or further up on this one: whoever runs them goes on until nothing is left.
  void run();

  /// No event begins any more; returns when the one that runs has returned. Not from inside one.
  void close();

 private:
  struct Pending {
    bool data{false};
    bool writable{false};
    std::vector<Matched> matched;
    std::vector<std::string> incompatible;

    [[nodiscard]] bool empty() const noexcept { return !data && !writable && matched.empty() && incompatible.empty(); }
  };

  class Running;

  void call(const Pending& now) const;

  const EndpointEvents events_;
  std::mutex mutex_;
  std::condition_variable returned_;
  Pending pending_;
  bool running_{false};
  bool closed_{false};
};

}  // namespace takt::bus
