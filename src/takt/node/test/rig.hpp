#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/exception_group.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/bus/bus.hpp"
#include "takt/bus/memory_transport.hpp"
#include "takt/messages/packages/example_interfaces.hpp"
#include "takt/messages/packages/std_msgs.hpp"
#include "takt/messages/packages/std_srvs.hpp"
#include "takt/node/node.hpp"

/// What the tests of nodes have in common: messages, a service, and two places for nodes, which are one bus or two.
namespace takt::node::testing {

using namespace std::chrono_literals;
using async::Join;
using async::kCancel;
using async::kJoin;
using async::Nursery;
using async::sleep_for;
using async::Task;

using Text = std_msgs::String;
using Number = std_msgs::Int64;
using SetBool = std_srvs::SetBool;
using SetBoolRequest = SetBool::Request;
using SetBoolResponse = SetBool::Response;
using Add = example_interfaces::AddTwoInts;
using AddRequest = Add::Request;
using AddResponse = Add::Response;

/// Has no wire form: it is not described.
struct Local {
  int value{0};
};

/// Where the nodes of a test live.
struct Way {
  std::string name;
  async::LoopTime time{async::LoopTime::kVirtual};
  /// Lets two buses hear each other; empty: they are one.
  std::function<void(bus::MemoryNetwork& network, bus::Bus& near, bus::Bus& far)> join;

  friend void PrintTo(const Way& way, std::ostream* to) { *to << way.name; }
};

/// Those of this test program; each has its own.
[[nodiscard]] std::vector<Way> ways();

/// Tests that hold wherever the nodes are: on one bus, or on two that hear each other.
class NodesTest : public ::testing::TestWithParam<Way> {
 protected:
  NodesTest() {
    if (GetParam().join) {
      GetParam().join(network_, *near_, *far_);
    } else {
      far_ = near_;
    }
  }

  /// Two buses, or one twice.
  [[nodiscard]] const std::shared_ptr<bus::Bus>& near() const { return near_; }
  [[nodiscard]] const std::shared_ptr<bus::Bus>& far() const { return far_; }
  [[nodiscard]] bus::MemoryNetwork& network() { return network_; }
  [[nodiscard]] bool in_process() const { return !GetParam().join; }

  /// Runs a test on the loop, in the way's time; in real time for as long as only a broken program takes.
  void run(const std::function<Task<void>()>& body) { loop_.run(exact() ? body() : in_time(body())); }
  [[nodiscard]] async::EventLoop& loop() { return loop_; }

  /// Whether time is virtual: it costs nothing and is exact. Otherwise nothing is late, and nothing may be early.
  [[nodiscard]] bool exact() const { return GetParam().time == async::LoopTime::kVirtual; }
  /// The loop's time, from when the test began.
  [[nodiscard]] core::Nanoseconds now_ns() { return loop_.clock().now_ns() - begin_ns_; }
  /// Something has happened at `at_ns` that was due at `due`.
  void expect_due(core::Nanoseconds at_ns, async::Duration due) {
    if (exact()) {
      EXPECT_EQ(at_ns, due.count());
    } else {
      EXPECT_GE(at_ns, due.count());
    }
  }
  void expect_now(async::Duration due) { expect_due(now_ns(), due); }
  void expect_due(const std::vector<core::Nanoseconds>& at_ns, const std::vector<async::Duration>& due) {
    EXPECT_EQ(at_ns.size(), due.size());
    for (std::size_t i = 0; i < std::min(at_ns.size(), due.size()); ++i) {
      expect_due(at_ns[i], due[i]);
    }
  }
  /// So long that whatever is to happen has, at a price that a test can pay.
  [[nodiscard]] async::Duration long_enough() const { return exact() ? async::Duration(1h) : async::Duration(50ms); }

 private:
  static Task<void> in_time(Task<void> body) {
    const bool has_ended = co_await async::with_timeout(60s, std::move(body));
    EXPECT_TRUE(has_ended) << "a minute is over, and the test still waits";
  }

  std::shared_ptr<bus::Bus> near_{std::make_shared<bus::Bus>()};
  std::shared_ptr<bus::Bus> far_{std::make_shared<bus::Bus>()};
  bus::MemoryNetwork network_;
  async::EventLoop loop_{GetParam().time};
  core::Nanoseconds begin_ns_{loop_.clock().now_ns()};
};

inline std::string name_of(const ::testing::TestParamInfo<Way>& info) {
  return info.param.name;
}

/// Waits until it is so; gives up after a minute of the loop's time.
inline Task<bool> until(std::function<bool()> condition) {
  for (int i = 0; i < 60'000 && !condition(); ++i) {
    co_await sleep_for(1ms);
  }
  co_return condition();
}

/// What came out of a block.
inline Task<std::exception_ptr> outcome(Task<void> block) {
  try {
    co_await std::move(block);
  } catch (const async::Cancelled&) {
    throw;
  } catch (...) {
    co_return std::current_exception();
  }
  co_return nullptr;
}

/// Whether it is an ExceptionGroup with an E in it.
template <class E>
bool holds(const std::exception_ptr& error) {
  try {
    if (error != nullptr) {
      std::rethrow_exception(error);
    }
  } catch (const async::ExceptionGroup& group) {
    return group.find<E>() != nullptr;
  } catch (...) {
    return false;
  }
  return false;
}

/// A meeting of several tasks.
class Barrier {
 public:
  explicit Barrier(int parties) : parties_(parties) {}
  Task<void> arrive() {
    if (++arrived_ == parties_) {
      met_.set();
    }
    co_await met_;
  }
  [[nodiscard]] bool met() const { return met_.is_set(); }

 private:
  int parties_;
  int arrived_{0};
  async::Event met_{"barrier"};
};

}  // namespace takt::node::testing
