#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "takt/node/internal/alarm.hpp"
#include "takt/node/internal/entity.hpp"
#include "takt/node/internal/failures.hpp"
#include "takt/node/timer.hpp"

/// Internal to node.
namespace takt::node::internal {

/// What a Timer is made of. `next_ns_` is on the source of the node's clock.
class TimerCore final : public Entity {
 public:
  using Callback = Handler<void, const TimerInfo&>;

  TimerCore(std::shared_ptr<NodeCore> node, async::Duration period, Callback callback, const TimerOptions& options);

  void cancel();
  void reset();
  void set_period(async::Duration period);
  void set_callback(Callback callback);
  [[nodiscard]] bool cancelled() const noexcept { return cancelled_; }
  [[nodiscard]] async::Duration period() const noexcept { return async::Duration(period_ns_); }
  [[nodiscard]] std::optional<async::Duration> time_until_next_call() const;
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }
  [[nodiscard]] std::uint64_t failures() const noexcept { return failures_.count(); }

  void begin_drain() noexcept override;
  [[nodiscard]] bool drains() const noexcept override { return true; }

 private:
  async::Task<void> run() override;
  void close() noexcept override {}

  [[nodiscard]] async::Task<AlarmEnd> wait();
  [[nodiscard]] async::Task<void> tick();
  void begin_period();
  void follow_clock();
  void carry_over(core::Nanoseconds left_ns);
  void after_jump_back();
  void wake() noexcept;

  core::Nanoseconds period_ns_;
  std::shared_ptr<Callback> callback_;  // also of the call that runs, which may replace it
  Failures failures_;
  bool cancelled_;
  bool draining_{false};
  std::optional<core::Nanoseconds> next_ns_;  // none before it was started
  const async::Clock* source_{nullptr};       // that next_ns_ is of
  core::Nanoseconds seen_ns_{0};              // on it, when it was looked at last
  std::uint64_t missed_{0};
  Alarm* waiting_{nullptr};
};

}  // namespace takt::node::internal
