// An owner and a client on buses of their own, over zmq's sockets: what goes over the wire, how often, and what the arm
// is told by it.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/bus/bus.hpp"
#include "takt/messages/packages/std_msgs.hpp"
#include "takt/messages/type_description.hpp"
#include "takt/teleop/replay/remote_twin.hpp"
#include "takt/teleop/replay/replay_owner.hpp"
#include "takt/teleop/replay/test/recordings.hpp"
#include "takt/teleop/replay/test/whole_play.hpp"
#include "takt/teleop/replay/twin_on_bus.hpp"
#include "takt/teleop/test/fake_robots.hpp"
#include "takt/transports/zmq/zmq_transport.hpp"

namespace takt::test {
namespace {

using namespace teleop::replay;  // NOLINT(google-build-using-namespace): its words are this file's

constexpr core::Nanoseconds kMs = 1'000'000;

void wait() {
  core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + kMs);
}

/// Counts what comes over a transport on a topic, but for a look at the status and its answer.
class WireTap {
 public:
  WireTap(bus::Transport& transport, const std::string& topic)
      : subscription_(transport.subscribe({.name = topic, .type = type(), .qos = {.depth = 0}, .node = ""},
                                          {.on_data = [this] { take(); },
                                           .on_matched = {},
                                           .on_deadline_missed = {},
                                           .on_writable = {},
                                           .on_incompatible = {},
                                           .matches = {}})) {
    ready_ = subscription_.get();
    take();
  }

  /// Messages that want an answer, or are one.
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t one_way() const { return one_way_; }
  [[nodiscard]] bool matched() const { return subscription_->matched().current > 0; }

 private:
  static bus::TypeId type() {
    const messages::RosType& type = messages::ros_type<std_msgs::String>();
    return {.name = type.name, .hash = type.hash};
  }
  void take() {
    const std::scoped_lock lock(mutex_);
    const auto look = [this](bus::Bytes bytes, const bus::MessageInfo&) {
      const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      if (text.find("STATUS") == std::string_view::npos && text.find("\"twin\"") == std::string_view::npos) {
        ++(text.find("\"corr\":") == std::string_view::npos ? one_way_ : count_);
      }
    };
    while (ready_ != nullptr && ready_->take(look)) {
    }
  }

  std::mutex mutex_;
  bus::TransportSubscription* ready_{nullptr};
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::uint64_t> one_way_{0};
  std::unique_ptr<bus::TransportSubscription> subscription_;
};

class ReplayWire : public ::testing::TestWithParam<const char*> {
 protected:
  ReplayWire() {
    const std::string address =
        GetParam() == std::string("ipc")
            ? fmt::format("ipc://{}/takt_replay_{}", std::filesystem::temp_directory_path().string(), getpid())
            : fmt::format("tcp://127.0.0.1:{}", 20000 + getpid() % 10000);
    robot_bus_.add(open(address, true));
    desk_bus_.add(open(address, false));
    ReplayOwnerOptions options;
    options.twin.on_frame = [this](const EmittedFrame& frame) {
      const std::scoped_lock lock(mutex_);
      frames_.push_back(frame.action->joint_positions);
    };
    owner_.emplace(std::make_unique<teleop::test::FakeFollower>(2, core::steady_clock()), std::move(options));
    owner_->start();
    on_bus_.emplace(owner_->twin(), robot_bus_);
    requests_.emplace(*robot_bus_.transports().at(0), "/follower/cmd");
    replies_.emplace(*desk_bus_.transports().at(0), "/desk/reply");
  }

  [[nodiscard]] static std::shared_ptr<bus::Transport> open(const std::string& address, bool binds) {
    zmq::ZmqOptions options;
    options.address = address;
    options.binds = binds;
    return zmq::open_zmq(options);
  }
  /// Bears what a busy machine does to it: its lease does not run out, and it says nothing twice.
  [[nodiscard]] static RemoteTwin::Options patient() {
    return {.client = "desk",
            .lease_s = 10.0,
            .patience = {.timeout_s = 10.0, .resend_after_s = 60.0, .find_s = 60.0},
            .load_timeout_s = 60.0};
  }
  [[nodiscard]] bool is_played() { return teleop::replay::is_played(owner_->twin().status().phase); }
  [[nodiscard]] std::vector<core::JointVector> emitted() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(frames_, {});
  }
  static void ask(CommandHandler& handler, const Command& command) {
    const auto result = handler.handle(command, {.client = "here"});
    ASSERT_TRUE(result) << result.error();
  }
  /// What is said from now on is counted: both sides have found the taps.
  void find_taps(RemoteTwin& remote) {
    bool answered = false;
    while (!answered || !requests_->matched() || !replies_->matched()) {
      // What comes back came after the announcement of the tap, on the same link. The first may be heard by the tap
      // alone, if that was found before the owner was.
      answered = remote.handle({.action = CommandAction::kStatus, .params = {}}, {}).has_value();
    }
  }
  /// 300 frames at 200 Hz that begin where the arm stands at first.
  [[nodiscard]] static Command trigger(ReplayWay way) {
    Command command{.action = CommandAction::kTriggerReplay, .params = {}};
    command.params.way = way;
    command.params.trajectories.push_back(
        {.name = "wave", .shipped = to_columns(teleop::replay::test::recording(200.0, 1.495, 0.05, 0.0))});
    return command;
  }
  [[nodiscard]] std::vector<core::JointVector> play(CommandHandler& handler, const std::function<void()>& renew) {
    return teleop::replay::test::whole_play(
        owner_->twin(), trigger(ReplayWay::kPush),
        {.handler = handler, .renew = renew, .emitted = [this] { return emitted(); }});
  }

  bus::Bus robot_bus_;
  bus::Bus desk_bus_;
  std::mutex mutex_;
  std::vector<core::JointVector> frames_;
  std::optional<ReplayOwner> owner_;
  std::optional<TwinOnBus> on_bus_;
  std::optional<WireTap> requests_;
  std::optional<WireTap> replies_;
};

INSTANTIATE_TEST_SUITE_P(Zmq, ReplayWire, ::testing::Values("ipc", "tcp"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(ReplayWire, PushIsOneRequestToTriggerAndOneToStopWhateverTheNumberOfFrames) {
  RemoteTwin remote(desk_bus_, "follower", patient());
  find_taps(remote);
  ask(remote, trigger(ReplayWay::kPush));
  while (is_played()) {
    remote.renew();
    wait();
  }
  ask(remote, {.action = CommandAction::kStopReplay, .params = {}});
  EXPECT_GE(emitted().size(), 300);
  while (replies_->count() < 2 || requests_->count() < 2) {
    wait();
  }
  EXPECT_EQ(requests_->count(), 2);
  EXPECT_EQ(replies_->count(), 2);
  EXPECT_EQ(owner_->twin().status().left, "");
}

TEST_P(ReplayWire, ShipIsTheSameAndTheFramesAreInTheOneReply) {
  RemoteTwin remote(desk_bus_, "follower", patient());
  find_taps(remote);
  const auto shipped = remote.handle(trigger(ReplayWay::kShip), {});
  ASSERT_TRUE(shipped) << shipped.error();
  const auto& columns = std::get<TrajectoryColumns>(*shipped);
  const auto timeline = owner_->twin().timeline();
  ASSERT_EQ(columns.t_ns.size(), timeline->size());
  for (std::size_t i = 0; i < columns.t_ns.size(); ++i) {
    ASSERT_EQ((core::JointVector{columns.q_rad[0][i], columns.q_rad[1][i]}), timeline->frame(i).frame.q_rad);
  }
  ask(remote, {.action = CommandAction::kStopReplay, .params = {}});
  while (replies_->count() < 2 || requests_->count() < 2) {
    wait();
  }
  EXPECT_EQ(requests_->count(), 2);
  EXPECT_EQ(replies_->count(), 2);
}

TEST_P(ReplayWire, PullIsOneRequestPerFrameAndOneToTrigger) {
  RemoteTwin remote(desk_bus_, "follower", patient());
  find_taps(remote);
  ask(remote, trigger(ReplayWay::kPull));
  while (owner_->twin().status().phase == TwinPhase::kApproaching) {
    remote.renew();
    wait();
  }
  const std::size_t frames = owner_->twin().timeline()->size();
  for (std::size_t i = 0; i < frames; ++i) {
    while (owner_->twin().status().emitted < i) {  // the arm has the one before
      wait();
    }
    const auto pulled = remote.handle({.action = CommandAction::kGetReplayAction, .params = {}}, {});
    ASSERT_TRUE(pulled) << pulled.error();
    ASSERT_EQ(std::get<messages::RobotState>(*pulled).joint_positions, owner_->twin().timeline()->frame(i).frame.q_rad);
  }
  while (requests_->count() < 1 + frames || replies_->count() < 1 + frames) {
    wait();
  }
  EXPECT_EQ(requests_->count(), 1 + frames);
  EXPECT_EQ(replies_->count(), 1 + frames);
}

TEST_P(ReplayWire, OneSequencePlayedLocallyAndRemotelyEmitsTheSameFrames) {
  const auto first = play(on_bus_->commands(), [] {});
  const auto locally = play(on_bus_->commands(), [] {});
  EXPECT_GE(first.size(), 300);
  RemoteTwin remote(desk_bus_, "follower", patient());
  EXPECT_EQ(play(remote, [&remote] { remote.renew(); }), locally);
}

}  // namespace
}  // namespace takt::test
