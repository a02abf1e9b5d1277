#include "takt/teleop/replay/remote_twin.hpp"

#include <utility>

#include "takt/messages/json.hpp"
#include "takt/teleop/replay/internal/text_topic.hpp"
#include "takt/teleop/replay/twin_on_bus.hpp"

namespace takt::teleop::replay {
namespace {

constexpr double kRenewalsPerLease = 4.0;
constexpr std::size_t kTakenAtOnce = 16;

}  // namespace

RemoteTwin::RemoteTwin(bus::Bus& network, std::string robot, Options options)
    : robot_(std::move(robot)), options_(std::move(options)), router_(network, options_.client) {
  auto receiver =
      std::make_unique<internal::TextReceiver>(network, status_topic(robot_), bus::Qos::latched(), [this] { take(); });
  {
    const std::scoped_lock lock(taking_);
    receiver_ = std::move(receiver);
  }
  take();  // what came before it was known here
}

RemoteTwin::~RemoteTwin() {
  std::unique_ptr<internal::TextReceiver> closing;  // after the lock: it waits for an event that may want it
  const std::scoped_lock lock(taking_);
  closing = std::move(receiver_);
}

CommandResult RemoteTwin::handle(const Command& command, const CommandCaller& /*caller*/) {
  Command asked = command;
  asked.params.lease_s = options_.lease_s;
  Patience patience = options_.patience;
  if (command.action == CommandAction::kTriggerReplay) {
    patience.timeout_s = options_.load_timeout_s;
  }
  RequestResult result = router_.request(robot_, asked, patience);
  {
    const std::scoped_lock lock(mutex_);
    said_ns_ = core::monotonic_now_ns();
  }
  return result ? CommandResult(std::move(*result)) : CommandResult(Unexpected(std::move(result.error().text)));
}

void RemoteTwin::renew() {
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  {
    const std::scoped_lock lock(mutex_);
    if (now_ns < said_ns_ + core::from_seconds(options_.lease_s / kRenewalsPerLease)) {
      return;
    }
    said_ns_ = now_ns;
  }
  router_.post(robot_, {.action = CommandAction::kRenew, .params = {}});
}

std::optional<RemoteTwin::Shown> RemoteTwin::shown() const {
  const std::scoped_lock lock(mutex_);
  return shown_;
}

void RemoteTwin::take() {
  const auto keep = [this](const std::string& text) {
    auto status = messages::from_json<ReplayStatus>(text);
    if (status) {
      const std::scoped_lock lock(mutex_);
      shown_ = Shown{.status = std::move(*status), .received_ns = core::monotonic_now_ns()};
    }
  };
  const std::scoped_lock lock(taking_);
  while (receiver_ != nullptr && receiver_->take(kTakenAtOnce, keep) > 0) {
  }
}

}  // namespace takt::teleop::replay
