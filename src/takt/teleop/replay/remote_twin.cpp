#include "takt/teleop/replay/remote_twin.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "takt/messages/json.hpp"
#include "takt/teleop/replay/internal/text_topic.hpp"
#include "takt/teleop/replay/twin_on_bus.hpp"

namespace takt::teleop::replay {
namespace {

constexpr double kRenewalsPerLease = 4.0;
constexpr double kStatusAge_s = 1.0;    // of the one that the owner keeps for who comes late, at most
constexpr double kWay_s = 0.1;          // of what is heard as it is said
constexpr double kSendsOfLarge = 0.25;  // of the patience: what is large fills the owner's queue
constexpr core::Nanoseconds kAnother_ns = 10 * core::kNanosecondsPerSecond;  // a clock so far back is another host's
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
  double timeout_s = patience.timeout_s;  // to be there
  if (command.action == CommandAction::kTriggerReplay) {
    patience.timeout_s = options_.load_timeout_s;
    if (std::ranges::any_of(command.params.trajectories, [](const SequencePart& part) { return !!part.shipped; })) {
      timeout_s = patience.timeout_s;
      patience.resend_after_s = std::max(patience.resend_after_s, kSendsOfLarge * patience.timeout_s);
    }
  }
  const double find_s = std::min(patience.find_s, patience.timeout_s);
  if (moves(command.action) && !wait_for_owner(find_s)) {
    return Unexpected(fmt::format("nobody on this bus owns '{}', or it was not heard within {} s", robot_, find_s));
  }
  add_times(asked, timeout_s);
  {
    const std::scoped_lock lock(mutex_);
    said_ns_ = core::monotonic_now_ns();  // not when it is answered: the owner's lease, too, begins when it comes
  }
  RequestResult result = router_.request(robot_, asked, patience);
  if (result) {
    return std::move(*result);
  }
  const NoValue why = result.error().kind;
  if (sets_out(command.action) && (why == NoValue::kNoReply || why == NoValue::kBadReply)) {
    post({.action = CommandAction::kStopReplay, .params = {}});  // who asked is told that it failed
  }
  return Unexpected(std::move(result.error().text));
}

/// False: it has not said yet how it stands.
bool RemoteTwin::wait_for_owner(double patience_s) {
  std::unique_lock lock(mutex_);
  return came_.wait_for(lock, std::chrono::duration<double>(patience_s), [this] { return shown_.has_value(); });
}

/// Its time ends with the patience of who asks. The owner's clock is known by what it said, which lay on the way, or
/// for who comes late with the owner, for up to a second: until_ns may be as much too late, asked_ns by the rest of
/// that.
void RemoteTwin::add_times(Command& command, double timeout_s) const {
  const std::scoped_lock lock(mutex_);
  if (moves(command.action) && ahead_ns_) {
    const core::Nanoseconds owners_ns = core::monotonic_now_ns() + *ahead_ns_;
    command.params.until_ns = owners_ns + core::from_seconds(timeout_s + kStatusAge_s);
    command.params.asked_ns = owners_ns + core::from_seconds(is_fresh_ ? kWay_s : kStatusAge_s);
  }
}

bool RemoteTwin::post(const Command& command) {
  Command said = command;
  said.params.lease_s = options_.lease_s;
  add_times(said, options_.patience.timeout_s);
  {
    const std::scoped_lock lock(mutex_);
    said_ns_ = core::monotonic_now_ns();
  }
  return router_.post(robot_, said);
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
      const core::Nanoseconds now_ns = core::monotonic_now_ns();
      if (status->stamp_ns > 0 && status->stamp_ns < std::numeric_limits<core::Nanoseconds>::max() / 2) {
        const core::Nanoseconds ahead_ns = status->stamp_ns - now_ns;
        is_fresh_ = ahead_ns_ && ahead_ns > *ahead_ns_ - kAnother_ns;
        ahead_ns_ = is_fresh_ ? std::max(*ahead_ns_, ahead_ns) : ahead_ns;
      }
      shown_ = Shown{.status = std::move(*status), .received_ns = now_ns};
      came_.notify_all();
    }
  };
  const std::scoped_lock lock(taking_);
  while (receiver_ != nullptr && receiver_->take(kTakenAtOnce, keep) > 0) {
  }
}

}  // namespace takt::teleop::replay
