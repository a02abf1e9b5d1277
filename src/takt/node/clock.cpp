#include "takt/node/clock.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"
#include "takt/node/errors.hpp"
#include "takt/node/internal/alarm.hpp"
#include "takt/node/internal/sim_time.hpp"

namespace takt::node {

using internal::Alarm;
using internal::AlarmEnd;

struct JumpHook::Hook {
  bool ended{false};  // its clock has
  JumpThreshold threshold;
  std::function<void()> before;
  std::function<void(const TimeJump&)> after;

  [[nodiscard]] bool wants(const TimeJump& jump) const noexcept {
    if (jump.kind != TimeJump::Kind::kSameSource) {
      return threshold.on_change;
    }
    return (threshold.min_forward && jump.delta >= *threshold.min_forward) ||
           (threshold.min_backward && jump.delta <= *threshold.min_backward);
  }
};

Clock::Clock(std::string node, bus::Bus& bus) noexcept : node_(std::move(node)), bus_(bus) {}

Clock::~Clock() {
  destroy();
}

void Clock::enter() {
  async::EventLoop& loop = async::this_loop();
  if (loop.time() == async::LoopTime::kVirtual) {
    virtual_.store(&loop.clock(), std::memory_order_relaxed);
  }
  if (simulated()) {
    attach();
  }
}

void Clock::leave() noexcept {
  virtual_.store(nullptr, std::memory_order_relaxed);
}

void Clock::destroy() noexcept {
  if (std::exchange(destroyed_, true)) {
    return;
  }
  wake_all(static_cast<std::uint8_t>(AlarmEnd::kDestroyed));
  for (const auto& kept : hooks_) {
    if (const auto hook = kept.lock()) {
      hook->ended = true;
    }
  }
  if (sim_ != nullptr) {
    sim_->remove(*this);
  }
}

core::Nanoseconds Clock::now_ns() const noexcept {
  if (simulated()) {
    const async::Clock* shown = shown_.load(std::memory_order_acquire);
    return shown != nullptr ? shown->now_ns() : 0;
  }
  const async::Clock* loop = virtual_.load(std::memory_order_relaxed);
  return loop != nullptr ? loop->now_ns() : core::wall_now_ns();
}

void Clock::attach() {
  if (sim_ == nullptr) {
    sim_ = internal::SimTime::of_this_loop(bus_);
    shown_.store(&sim_->clock(), std::memory_order_release);
    sim_->add(*this);
  }
}

async::Clock& Clock::source() {
  if (!simulated()) {
    return async::this_loop().clock();
  }
  attach();
  return sim_->clock();
}

void Clock::simulate(bool on) {
  if (on == simulated()) {
    return;
  }
  const core::Nanoseconds before_ns = now_ns();
  simulated_.store(on, std::memory_order_relaxed);  // for the look at the new time only
  const core::Nanoseconds after_ns = now_ns();
  simulated_.store(!on, std::memory_order_relaxed);
  const TimeJump jump{.kind = on ? TimeJump::Kind::kActivated : TimeJump::Kind::kDeactivated,
                      .delta = async::Duration(after_ns - before_ns)};
  call_hooks(jump, [this, on] {
    simulated_.store(on, std::memory_order_relaxed);
    wake_all(static_cast<std::uint8_t>(AlarmEnd::kSourceChanged));
  });
}

void Clock::wake_all(std::uint8_t end) noexcept {
  while (!alarms_.empty()) {
    alarms_.front().finish(static_cast<AlarmEnd>(end));
  }
}

// A hook may end others, this clock, and its own handle.
void Clock::call_hooks(const TimeJump& jump, const std::function<void()>& change) {
  std::erase_if(hooks_, [](const auto& hook) { return hook.expired(); });
  std::vector<std::weak_ptr<JumpHook::Hook>> called;
  std::ranges::copy_if(hooks_, std::back_inserter(called), [&](const auto& kept) {
    const auto hook = kept.lock();
    return hook != nullptr && hook->wants(jump);
  });
  for (const auto& kept : called) {
    const auto hook = kept.lock();
    if (hook != nullptr && !hook->ended && hook->before) {
      hook->before();
    }
  }
  change();
  for (const auto& kept : called) {
    const auto hook = kept.lock();
    if (hook != nullptr && !hook->ended && hook->after) {
      hook->after(jump);
    }
  }
}

JumpHook Clock::on_jump(JumpThreshold threshold, std::function<void()> before,
                        std::function<void(const TimeJump&)> after) {
  const bool forward = threshold.min_forward && threshold.min_forward->count() > 0;
  const bool backward = threshold.min_backward && threshold.min_backward->count() < 0;
  if ((threshold.min_forward && !forward) || (threshold.min_backward && !backward) ||
      !(forward || backward || threshold.on_change)) {
    throw LogicError("on_jump of node " + node_ +
                     ": want min_forward > 0, min_backward < 0 or on_change, at least one of them");
  }
  auto hook = std::make_shared<JumpHook::Hook>(false, threshold, std::move(before), std::move(after));
  hooks_.emplace_back(hook);
  return JumpHook(std::move(hook));
}

void Clock::check_alive() const {
  if (destroyed_) {
    throw LogicError("a sleep on the clock of node " + node_ + ", which was destroyed");
  }
}

namespace {

void throw_if_cut_short(AlarmEnd end, const std::string& node) {
  if (end == AlarmEnd::kDestroyed) {
    throw NodeDestroyed(node);
  }
  if (end == AlarmEnd::kSourceChanged) {
    throw async::TimeSourceChanged("the time of node " + node + " changed its source during a sleep");
  }
}

}  // namespace

async::Task<void> Clock::sleep_for(async::Duration duration) {
  check_alive();
  if (duration <= async::Duration::zero()) {
    co_await async::yield();
    co_return;
  }
  const std::string node = node_;
  const core::Nanoseconds deadline_ns = async::internal::deadline_after(source().now_ns(), duration.count());
  AlarmEnd end = AlarmEnd::kJumpedBack;
  while (end == AlarmEnd::kJumpedBack) {
    end = co_await Alarm(*this, deadline_ns);
    throw_if_cut_short(end, node);
  }
}

async::Task<void> Clock::sleep_until(core::Nanoseconds deadline_ns) {
  check_alive();
  if (now_ns() >= deadline_ns) {
    co_await async::yield();
    co_return;
  }
  const std::string node = node_;
  while (!destroyed_ && now_ns() < deadline_ns) {  // again when the wall was set back meanwhile
    const core::Nanoseconds source_ns = source().now_ns();
    const AlarmEnd end = co_await Alarm(*this, async::internal::deadline_after(source_ns, deadline_ns - now_ns()));
    throw_if_cut_short(end, node);
  }
}

}  // namespace takt::node
