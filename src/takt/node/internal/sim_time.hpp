#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "takt/async/tasks/clocks.hpp"
#include "takt/async/tasks/mutex.hpp"
#include "takt/bus/bus.hpp"
#include "takt/node/clock.hpp"
#include "takt/node/internal/bells.hpp"

/// Internal to node.
namespace takt::node::internal {

class NodeCore;

/// The simulated time that the nodes of one bus on one loop share: one clock, and one reader of /clock while there is a
/// node that follows. Loop thread.
class SimTime : public std::enable_shared_from_this<SimTime> {
 public:
  SimTime() = default;
  SimTime(const SimTime&) = delete;
  SimTime& operator=(const SimTime&) = delete;

  /// The one of this loop. @throws LogicError outside of a task
  [[nodiscard]] static std::shared_ptr<SimTime> of_this_loop(bus::Bus& bus);

  [[nodiscard]] async::SimulatedClock& clock() noexcept { return clock_; }
  void add(Clock& follower) { followers_.push_back(&follower); }
  void remove(Clock& follower) noexcept { std::erase(followers_, &follower); }

  /// A message came, or a test says so.
  void set_time(core::Nanoseconds now_ns);

  /// Reads /clock, for as long as it is not cancelled. Every node that follows runs one; the longest-running reads, the
  /// others wait to take over.
  [[nodiscard]] async::Task<void> follow(NodeCore& node);

 private:
  void tell_and_set(core::Nanoseconds now_ns, const TimeJump& jump);

  async::SimulatedClock clock_;
  std::vector<Clock*> followers_;
  async::Mutex reading_{"/clock"};
};

/// The SimTime of each loop of a bus, by its thread. Thread safe.
struct SimTimes {
  std::mutex mutex;
  std::map<std::thread::id, std::weak_ptr<SimTime>> of_thread;
};

}  // namespace takt::node::internal
