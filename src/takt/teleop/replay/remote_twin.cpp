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
constexpr double kStatusAge_s = 1.2;    // of the one that the owner keeps for who comes late, at most: it is said once
                                        // a second, by a thread that looks every 0.1 s
constexpr double kWay_s = 0.1;          // of what is heard as it is said
constexpr double kSendsOfLarge = 0.25;  // of the patience: what is large fills the owner's queue
constexpr double kDrift = 5e-4;         // of two clocks: what is known of the owner's becomes less sure so fast
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
  const core::Nanoseconds asked_ns = core::monotonic_now_ns();  // whatever is waited for before it is said
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
  if (moves(command.action) && !wait_for_clock(find_s)) {
    return Unexpected(fmt::format("nobody on this bus owns '{}', or it was not heard within {} s", robot_, find_s));
  }
  add_times(asked, asked_ns, timeout_s);
  {
    const std::scoped_lock lock(mutex_);
    said_ns_ = core::monotonic_now_ns();  // not when it is answered: the owner's lease, too, begins when it comes
  }
  RequestResult result = router_.request(robot_, asked, patience);
  if (result) {
    if (const auto* status = std::get_if<ReplayStatus>(&*result)) {
      hear_clock(status->stamp_ns, true);
    }
    return std::move(*result);
  }
  const NoValue why = result.error().kind;
  if (sets_out(command.action) && (why == NoValue::kNoReply || why == NoValue::kBadReply)) {
    post({.action = CommandAction::kStopReplay, .params = {}});  // who asked is told that it failed
  }
  return Unexpected(std::move(result.error().text));
}

/// False: it has not said yet how it stands.
bool RemoteTwin::wait_for_clock(double patience_s) {
  const auto seconds = [](double s) { return std::chrono::duration<double>(s); };
  std::unique_lock lock(mutex_);
  if (!came_.wait_for(lock, seconds(patience_s), [this] { return shown_.has_value(); })) {
    return false;
  }
  came_.wait_for(lock, seconds(kStatusAge_s + kWay_s), [this] { return is_fresh_ || !ahead_ns_; });
  return true;
}

/// What it said lay on the way, so of several the one that is farthest ahead is nearest. @param is_fresh  it cannot
/// have been kept by the owner for who comes late
void RemoteTwin::hear_clock(core::Nanoseconds stamp_ns, bool is_fresh) {
  if (stamp_ns <= 0 || stamp_ns >= std::numeric_limits<core::Nanoseconds>::max() / 2) {
    return;
  }
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  const core::Nanoseconds ahead_ns = stamp_ns - now_ns;
  const std::scoped_lock lock(mutex_);
  if (ahead_ns_ && ahead_ns > *ahead_ns_ - kAnother_ns) {
    const auto sunk_ns = static_cast<core::Nanoseconds>(kDrift * static_cast<double>(now_ns - ahead_since_ns_));
    ahead_ns_ = std::max(*ahead_ns_ - sunk_ns, ahead_ns);
    is_fresh_ = true;
  } else {
    ahead_ns_ = ahead_ns;
    is_fresh_ = is_fresh;
  }
  ahead_since_ns_ = now_ns;
  came_.notify_all();
}

/// Its time ends with the patience of who asks. Of an owner that was heard only once the clock is known to a second:
/// until_ns may be as much too late, and so may asked_ns.
void RemoteTwin::add_times(Command& command, core::Nanoseconds asked_ns, double timeout_s) const {
  const std::scoped_lock lock(mutex_);
  if (moves(command.action) && ahead_ns_) {
    const core::Nanoseconds now_ns = core::monotonic_now_ns();
    command.params.until_ns = now_ns + *ahead_ns_ + core::from_seconds(timeout_s + kStatusAge_s);
    command.params.asked_ns = asked_ns + *ahead_ns_ + core::from_seconds(is_fresh_ ? kWay_s : kStatusAge_s);
  }
}

bool RemoteTwin::post(const Command& command) {
  Command said = command;
  said.params.lease_s = options_.lease_s;
  add_times(said, core::monotonic_now_ns(), options_.patience.timeout_s);
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
      hear_clock(status->stamp_ns, !receiver_->may_be_old());
      const std::scoped_lock lock(mutex_);
      shown_ = Shown{.status = std::move(*status), .received_ns = core::monotonic_now_ns()};
      came_.notify_all();
    }
  };
  const std::scoped_lock lock(taking_);
  while (receiver_ != nullptr && receiver_->take(kTakenAtOnce, keep) > 0) {
  }
}

}  // namespace takt::teleop::replay
