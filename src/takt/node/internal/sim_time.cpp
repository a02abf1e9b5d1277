#include "takt/node/internal/sim_time.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/messages/packages/rosgraph_msgs.hpp"
#include "takt/node/internal/alarm.hpp"
#include "takt/node/internal/inlet.hpp"

namespace takt::node::internal {

std::shared_ptr<SimTime> SimTime::of_this_loop(bus::Bus& bus) {
  static_cast<void>(async::this_loop());
  SimTimes& times = bus.shared<SimTimes>();
  const std::scoped_lock lock(times.mutex);
  std::weak_ptr<SimTime>& kept = times.of_thread[std::this_thread::get_id()];
  auto time = kept.lock();
  if (time == nullptr) {
    time = std::make_shared<SimTime>();
    kept = time;
  }
  return time;
}

void SimTime::set_time(core::Nanoseconds now_ns) {
  const auto self = shared_from_this();  // a hook may destroy the last node that follows
  const TimeJump jump{.kind = TimeJump::Kind::kSameSource, .delta = async::Duration(now_ns - clock_.now_ns())};
  if (std::ranges::any_of(followers_, [](const Clock* follower) { return follower->has_hooks(); })) {
    tell_and_set(now_ns, jump);
  } else {
    clock_.set_time(now_ns);
  }
  if (jump.delta < async::Duration::zero()) {
    for (Clock* follower : std::vector(followers_)) {
      if (follower->simulated()) {
        follower->wake_all(static_cast<std::uint8_t>(AlarmEnd::kJumpedBack));
      }
    }
  }
}

// There is one clock for all: the hooks of the followers are nested around its one step.
void SimTime::tell_and_set(core::Nanoseconds now_ns, const TimeJump& jump) {
  std::function<void()> step = [&] { clock_.set_time(now_ns); };
  for (Clock* follower : followers_) {
    if (follower->simulated()) {
      step = [this, follower, jump, inner = std::move(step)] {
        if (std::ranges::find(followers_, follower) != followers_.end()) {
          follower->call_hooks(jump, inner);
        } else {  // a hook around this one has destroyed its node
          inner();
        }
      };
    }
  }
  step();
}

async::Task<void> SimTime::follow(NodeCore& node) {
  const auto turn = co_await reading_.lock();
  Inlet<rosgraph_msgs::Clock> clock(node, "/clock", {.qos = bus::Qos::latest()});
  Bells::Listening arrived(clock.arrived(), "/clock");
  for (;;) {
    if (const auto received = clock.take()) {
      const builtin_interfaces::Time& time = received->message.clock;
      set_time(time.sec * core::kNanosecondsPerSecond + time.nanosec);
      co_await arrived.next_turn();
    } else {
      co_await arrived;
    }
  }
}

}  // namespace takt::node::internal
