#include "takt/bridge/teleop_on_bus.hpp"

#include <algorithm>
#include <utility>

#include "takt/async/offload.hpp"
#include "takt/core/error.hpp"
#include "takt/core/log.hpp"
#include "takt/messages/packages/std_srvs.hpp"
#include "takt/node/service.hpp"
#include "takt/teleop/motion_player.hpp"
#include "takt/teleop/robot_node.hpp"

namespace takt::bridge {
namespace {

using control::JointPath;
using teleop::Orchestrator;
using teleop::RobotNode;

/// With the limits that it has of itself.
Joints joints_of(RobotNode& robot) {
  const robots::RobotInfo& info = robot.robot().info();
  return {.names = info.joint_names, .limits = info.limits};
}

/// With those that its pair's guards hold it in: a share of its own.
Joints guarded_joints(Orchestrator& orchestrator, std::size_t pair) {
  return {.names = orchestrator.follower(pair).robot().info().joint_names,
          .limits = orchestrator.options(pair).pipeline.guard.limits};
}

bool is_follower(Orchestrator& orchestrator, const RobotNode& robot) {
  bool found = false;
  for (std::size_t pair = 0; pair < orchestrator.pairs(); ++pair) {
    found = found || &orchestrator.follower(pair) == &robot;
  }
  return found;
}

node::NodeOptions node_options() {
  node::NodeOptions options;
  options.parameter_services = false;  // there are no parameters
  return options;
}

}  // namespace

/// A leader: seen only.
class TeleopOnBus::Shown final : public VisibleRobot {
 public:
  explicit Shown(RobotNode& robot) : robot_(robot), joints_(joints_of(robot)) {}
  [[nodiscard]] const Joints& joints() const noexcept override { return joints_; }
  [[nodiscard]] std::optional<messages::RobotState> state() override { return robot_.state_topic().latest(); }

 private:
  RobotNode& robot_;
  Joints joints_;
};

class TeleopOnBus::Moved final : public MovableRobot {
 public:
  Moved(Orchestrator& orchestrator, std::size_t pair, node::Logger& logger)
      : robot_(orchestrator.follower(pair)),
        joints_(guarded_joints(orchestrator, pair)),
        player_(orchestrator, pair, {.holder = "a trajectory", .on_left = [this, &logger](const std::string& why) {
                                       logger.log(core::LogLevel::kWarning,
                                                  robot_.name() + ": left its trajectory: " + why);
                                     }}) {}

  [[nodiscard]] const Joints& joints() const noexcept override { return joints_; }
  [[nodiscard]] std::optional<messages::RobotState> state() override { return robot_.state_topic().latest(); }
  [[nodiscard]] std::optional<JointPath::Reference> standing() override { return player_.standing(); }
  [[nodiscard]] async::Task<void> follow(Plan plan) override {
    const auto motion = [plan = std::move(plan)](const JointPath::Reference& from) {
      return std::make_shared<teleop::JointPathMotion>(plan(from));
    };
    auto play = [this, motion, stops = player_.stops()] { return player_.play(motion, stops); };
    const auto played = co_await async::offload(std::move(play));  // it may wait for a write
    if (!played) {
      throw DeviceError(played.error());
    }
  }
  [[nodiscard]] async::Task<bool> halt() override { co_return player_.stop(); }

 private:
  RobotNode& robot_;
  Joints joints_;
  teleop::MotionPlayer player_;
};

/// One of teleoperation's own topics, its newest value.
class TeleopOnBus::Mirror {
 public:
  Mirror(node::Node& node, const std::string& name, bus::Topic<messages::RobotState>& topic)
      : topic_(topic), publisher_(node.publisher<messages::RobotState>(name, {.qos = {.depth = 1}, .weaken = true})) {
    node.timer(kShowPeriod, [this] { show(); });
  }

 private:
  void show() {
    const auto newest = topic_.latest();
    if (newest && newest->trace_id != shown_) {
      shown_ = newest->trace_id;
      // What a transport has no room for is lost there: the next one comes soon.
      [[maybe_unused]] const auto sent = publisher_.publish(*newest);
    }
  }

  bus::Topic<messages::RobotState>& topic_;
  node::Publisher<messages::RobotState> publisher_;
  std::uint64_t shown_{0};
};

TeleopOnBus::TeleopOnBus(Orchestrator& orchestrator, std::shared_ptr<bus::Bus> network)
    : node_("teleop", std::move(network), node_options()) {
  for (std::size_t pair = 0; pair < orchestrator.pairs(); ++pair) {
    add(orchestrator, pair);
  }
}

TeleopOnBus::~TeleopOnBus() = default;

bool TeleopOnBus::is_shown(const std::string& name) const {
  return std::ranges::any_of(robots_, [&name](const auto& robot) { return robot->name() == name; });
}

void TeleopOnBus::add(Orchestrator& orchestrator, std::size_t pair) {
  if (orchestrator.has_leader(pair)) {
    add_leader(orchestrator, orchestrator.leader(pair));
  }
  RobotNode& follower = orchestrator.follower(pair);
  auto moved = std::make_unique<Moved>(orchestrator, pair, node_.logger());
  robots_.push_back(std::make_unique<RobotOnBus>(node_, follower.name(), *moved));
  serve_clutch(orchestrator, pair, *robots_.back());
  views_.push_back(std::move(moved));
  mirrors_.push_back(std::make_unique<Mirror>(node_, follower.state_topic().name(), follower.state_topic()));
  mirrors_.push_back(std::make_unique<Mirror>(node_, follower.action_topic().name(), follower.action_topic()));
}

void TeleopOnBus::add_leader(Orchestrator& orchestrator, RobotNode& leader) {
  if (is_shown(leader.name()) || is_follower(orchestrator, leader)) {
    return;
  }
  views_.push_back(std::make_unique<Shown>(leader));
  robots_.push_back(std::make_unique<RobotOnBus>(node_, leader.name(), *views_.back()));
  mirrors_.push_back(std::make_unique<Mirror>(node_, leader.state_topic().name(), leader.state_topic()));
}

void TeleopOnBus::serve_clutch(Orchestrator& orchestrator, std::size_t pair, RobotOnBus& follower) {
  using Response = std_srvs::SetBool::Response;
  const std::string name = orchestrator.follower(pair).name();
  node_.serve<std_srvs::SetBool>(
      "/" + name + "/clutch",
      [&orchestrator, pair, &follower](const std_srvs::SetBool::Request& wish) -> async::Task<Response> {
        Response response;
        response.success = !wish.data;
        response.message = wish.data ? "a clutch is not closed from a bus" : "open: the follower halts";
        if (!wish.data) {
          orchestrator.disengage(pair);
          static_cast<void>(co_await follower.halt());  // a trajectory that is about to begin, too
          const auto open = [&orchestrator, pair] { orchestrator.set_clutch(pair, false); };
          co_await async::offload(open);  // it may wait for a write
        }
        co_return response;
      });
}

async::Task<void> TeleopOnBus::run(std::function<async::Task<void>()> body) {
  co_await node::with_node(node_, std::move(body));
}

std::size_t TeleopOnBus::robots() const noexcept {
  return robots_.size();
}

const RobotOnBus& TeleopOnBus::robot(std::size_t index) const {
  return *robots_.at(index);
}

}  // namespace takt::bridge
