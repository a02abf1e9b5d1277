#include "takt/teleop/recording/teleop_recording.hpp"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>

#include "takt/messages/enum_name.hpp"
#include "takt/messages/json.hpp"
#include "takt/teleop/recording/statistics.hpp"

namespace takt::teleop::recording {

using trajectory::recorder::Note;
using trajectory::recorder::Recorder;
using trajectory::recorder::StateChannel;
using trajectory::recorder::StateKind;

namespace {

/// Where states go, and how many went.
struct Outlet {
  StateChannel* channel;
  std::atomic<std::uint64_t>* frames;

  void put(const messages::RobotState& state) const noexcept {
    static_cast<void>(channel->record(state));  // what is refused the channel counts
    frames->fetch_add(1, std::memory_order_relaxed);
  }
};

}  // namespace

/// A node owns it, so it may be called as long as the node lives: it shares the recorder, which refuses when closed.
class TeleopRecording::Tap final : public CommandTap {
 public:
  /// Of a leader: nobody commands it, but it may fail.
  Tap(std::string robot, std::shared_ptr<Recorder> recorder)
      : robot_(std::move(robot)), recorder_(std::move(recorder)) {}
  Tap(std::string robot, std::shared_ptr<Recorder> recorder, std::shared_ptr<std::atomic<std::uint64_t>> frames,
      StateChannel& mapped, StateChannel& guarded, StateChannel& sent)
      : robot_(std::move(robot)),
        recorder_(std::move(recorder)),
        frames_(std::move(frames)),
        mapped_{.channel = &mapped, .frames = frames_.get()},
        guarded_{.channel = &guarded, .frames = frames_.get()},
        sent_{.channel = &sent, .frames = frames_.get()} {}

  void mapped(const messages::RobotState& wanted) noexcept override { mapped_.put(wanted); }
  void guarded(const messages::RobotState& command) noexcept override { guarded_.put(command); }
  void sent(const messages::RobotState& command) noexcept override { sent_.put(command); }
  void phase_changed(Phase phase) noexcept override {
    static_cast<void>(recorder_->note(Note::kEngaged, robot_, messages::enum_name(phase).view()));
  }
  void mode_changed(ControlMode mode) noexcept override {
    static_cast<void>(recorder_->note(Note::kMode, robot_, messages::enum_name(mode).view()));
  }
  void failed(const std::string& fault) noexcept override {
    static_cast<void>(recorder_->note(Note::kFault, robot_, fault));
  }

 private:
  const std::string robot_;
  const std::shared_ptr<Recorder> recorder_;
  const std::shared_ptr<std::atomic<std::uint64_t>> frames_;
  const Outlet mapped_{};
  const Outlet guarded_{};
  const Outlet sent_{};
};

TeleopRecording::TeleopRecording(Orchestrator& orchestrator, std::unique_ptr<Recorder> recorder, core::Clock& clock)
    : orchestrator_(orchestrator),
      clock_(clock),
      recorder_(std::move(recorder)),
      frames_(std::make_shared<std::atomic<std::uint64_t>>(0)) {
  std::vector<const RobotNode*> leaders;
  for (std::size_t i = 0; i < orchestrator.pairs(); ++i) {
    RobotNode* const leader = orchestrator.has_leader(i) ? &orchestrator.leader(i) : nullptr;
    if (leader != nullptr && std::ranges::find(leaders, leader) == leaders.end()) {
      leaders.push_back(leader);
      attach_leader(*leader);
    }
    attach_follower(orchestrator.follower(i));
  }
  next_statistics_ns_ = clock_.now_ns() + core::kNanosecondsPerSecond;
}

TeleopRecording::~TeleopRecording() {
  close();
}

void TeleopRecording::attach_leader(RobotNode& node) {
  subscribe(node, StateKind::kLeader);
  node.set_tap(std::make_unique<Tap>(node.name(), recorder_));
}

void TeleopRecording::attach_follower(RobotNode& node) {
  StateChannel& mapped = channel(node, StateKind::kMapped);
  StateChannel& guarded = channel(node, StateKind::kGuarded);
  StateChannel& sent = channel(node, StateKind::kSent);
  subscribe(node, StateKind::kReadBack);
  node.set_tap(std::make_unique<Tap>(node.name(), recorder_, frames_, mapped, guarded, sent));
}

// On the bus a recorder is one more subscriber, behind the orchestrator: when it is called the followers have moved.
void TeleopRecording::subscribe(RobotNode& node, StateKind kind) {
  const Outlet outlet{.channel = &channel(node, kind), .frames = frames_.get()};
  subscriptions_.push_back(
      node.state_topic().subscribe("recording", [outlet](const messages::RobotState& state) { outlet.put(state); }));
}

StateChannel& TeleopRecording::channel(RobotNode& node, StateKind kind) {
  const robots::RobotInfo& info = node.robot().info();
  return recorder_->states(
      {.robot = node.name(), .kind = kind, .arm = info.name, .robot_type = info.type, .joint_names = info.joint_names});
}

void TeleopRecording::poll() {
  const core::Nanoseconds now_ns = clock_.now_ns();
  if (closed_ || now_ns < next_statistics_ns_) {
    return;
  }
  next_statistics_ns_ = std::max(next_statistics_ns_ + core::kNanosecondsPerSecond, now_ns);
  write_statistics();
}

void TeleopRecording::write_statistics() {
  const Statistics statistics = statistics_of(orchestrator_, recorder_->state(), clock_.now_ns());
  static_cast<void>(recorder_->event("statistics", messages::to_json(statistics)));
}

std::uint64_t TeleopRecording::frames() const noexcept {
  return frames_->load(std::memory_order_relaxed);
}

void TeleopRecording::close() noexcept {
  if (std::exchange(closed_, true)) {
    return;
  }
  subscriptions_.clear();
  write_statistics();
  recorder_->close();
}

}  // namespace takt::teleop::recording
