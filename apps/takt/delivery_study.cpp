#include "delivery_study.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <utility>

#include "takt/bus/bus.hpp"
#include "takt/core/error.hpp"
#include "takt/messages/enum_name.hpp"
#include "takt/teleop/robot_node.hpp"

namespace takt::app {
namespace {

using teleop::Delivery;

/// Hardware that takes no time and only notes how old its commands are.
class AgeRecorder final : public robots::Robot {
 public:
  AgeRecorder(std::vector<double>& age_ms, std::size_t room) : age_ms_(age_ms) {
    age_ms_.reserve(room);
    info_.name = "recorder";
    info_.joint_names = {"joint"};
    info_.limits.resize(1);
    info_.can_write = true;
  }
  [[nodiscard]] const robots::RobotInfo& info() const noexcept override { return info_; }
  void start() override {}
  void stop() noexcept override {}
  void read(messages::RobotState& state) override {
    state.stamp_ns = core::monotonic_now_ns();
    state.joint_positions = {0.0};
  }
  void write(const messages::RobotState& target) override {
    age_ms_.push_back(static_cast<double>(core::monotonic_now_ns() - target.stamp_ns) * 1e-6);
  }

 private:
  robots::RobotInfo info_;
  std::vector<double>& age_ms_;
};

class Producer {
 public:
  Producer(const DeliveryStudyOptions& options, bool jitter)
      : period_ns_(core::from_seconds(1.0 / options.rate_hz)),
        count_(static_cast<std::uint64_t>(options.duration_s * options.rate_hz)),
        jitter_(jitter),
        random_(options.jitter_seed) {}

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  void run(teleop::RobotNode& follower, control::LeaseEpoch epoch) {
    core::Clock& clock = core::steady_clock();
    const core::Nanoseconds start_ns = clock.now_ns() + period_ns_ / 2;  // between the executer's ticks
    messages::RobotState command;
    command.joint_positions = {0.0};
    command.lease_epoch = epoch;
    for (std::uint64_t k = 1; k <= count_; ++k) {
      clock.sleep_until_ns(start_ns + static_cast<core::Nanoseconds>(k) * period_ns_ + lateness_ns());
      command.stamp_ns = clock.now_ns();
      command.hops.clear();
      messages::stamp_hop(command, messages::HopPoint::kGotState);
      follower.action_topic().publish(command);
    }
  }

 private:
  core::Nanoseconds lateness_ns() {
    if (!jitter_) {
      return 0;
    }
    const double usual_s = std::exponential_distribution(1000.0)(random_);
    const bool stalls = std::uniform_int_distribution(1, 100)(random_) == 1;
    const double stall_s = std::uniform_real_distribution(0.010, 0.045)(random_);
    return core::from_seconds(usual_s + (stalls ? stall_s : 0.0));
  }

  core::Nanoseconds period_ns_;
  std::uint64_t count_;
  bool jitter_;
  std::mt19937_64 random_;
};

DeliveryRun run_one(const DeliveryStudyOptions& options, Delivery delivery, bool jitter) {
  DeliveryRun run{.delivery = delivery, .jitter = jitter, .age_ms = {}, .published = 0, .dropped = 0};
  Producer producer(options, jitter);
  bus::Bus bus;
  teleop::RobotNodeOptions node_options;
  node_options.name = "follower";
  node_options.delivery = delivery;
  node_options.executer_period_s = 1.0 / options.rate_hz;
  {
    teleop::RobotNode follower(bus, std::make_unique<AgeRecorder>(run.age_ms, producer.count()), node_options);
    follower.start();
    const auto epoch = follower.lease().acquire("study", core::monotonic_now_ns(), control::kUnlimited);
    producer.run(follower, epoch.value());
    follower.stop();
    run.dropped = follower.guards().of(teleop::Guard::kDeliveryDropped);
  }
  run.published = producer.count();
  std::ranges::sort(run.age_ms);
  return run;
}

}  // namespace

double DeliveryRun::age_at(double q) const {
  if (age_ms.empty()) {
    return 0.0;
  }
  const auto rank = static_cast<std::size_t>(std::llround(q * static_cast<double>(age_ms.size() - 1)));
  return age_ms[std::min(rank, age_ms.size() - 1)];
}

std::vector<DeliveryRun> run_delivery_study(const DeliveryStudyOptions& options) {
  if (!(options.duration_s > 0.0) || !(options.rate_hz > 0.0) || options.duration_s * options.rate_hz > 1e7) {
    throw LogicError("delivery study: duration and rate must be positive, and at most 10 million commands");
  }
  std::vector<DeliveryRun> runs;
  for (const bool jitter : {false, true}) {
    for (const Delivery delivery : {Delivery::kInline, Delivery::kFifo, Delivery::kMailbox, Delivery::kDrainNewest}) {
      runs.push_back(run_one(options, delivery, jitter));
    }
  }
  return runs;
}

std::string name_of(const DeliveryRun& run) {
  std::string name(messages::enum_name(run.delivery).view());
  std::ranges::replace(name, '_', '-');
  return name + (run.jitter ? ", jitter" : "");
}

}  // namespace takt::app
