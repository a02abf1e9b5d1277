#include "takt/teleop/replay/command_router.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "takt/async/offload.hpp"
#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/doorbell.hpp"
#include "takt/core/log.hpp"
#include "takt/core/time.hpp"
#include "takt/teleop/replay/internal/text_topic.hpp"

// A request is a Pending in pending_ from before it is said until its caller has stopped waiting; whoever hears an
// answer finds it there by its number, puts the answer in and wakes the caller. What comes later finds nothing.
namespace takt::teleop::replay {
namespace {

using internal::TextReceiver;
using internal::TextSender;
using std_msgs::String;

constexpr std::size_t kTakenAtOnce = 64;

std::string unique_name(const std::string& client) {
  std::random_device random;
  const auto half = [&random] { return static_cast<std::uint32_t>(random()); };
  return fmt::format("{}-{:08x}{:08x}", client, half(), half());
}

async::Duration duration(double seconds) {
  return async::Duration(core::from_seconds(seconds));
}

/// Why it is not said at all; nothing: it can be.
std::optional<RequestFailure> too_long(const std::string& text) {
  if (text.size() <= kMaxCommandBytes) {
    return std::nullopt;
  }
  return RequestFailure{
      .kind = NoValue::kTooLong,
      .text = fmt::format("{} bytes, at most {} can be sent: a trajectory so long belongs into the owner's library",
                          text.size(), kMaxCommandBytes)};
}

}  // namespace

struct CommandRouter::Robot {
  bus::Topic<String>& here;
  TextSender beyond;
};

struct CommandRouter::Pending {
  CommandAction action{CommandAction::kStatus};
  std::condition_variable* changed{nullptr};  // a thread's, or
  async::Doorbell* bell{nullptr};             // a task's

  // Under mutex_:
  std::optional<CommandResult> answer{};
  std::string bad{};  // the answer is none
  bool poked{false};  // somebody matched meanwhile

  bool heard{false};  // the caller's alone: it left for somebody

  void wake() const {
    if (bell != nullptr) {
      bell->ring();
    } else {
      changed->notify_all();
    }
  }
};

/// A Pending's time in pending_.
class CommandRouter::Waiting {
 public:
  Waiting(CommandRouter& router, Pending& pending) : router_(router) {
    const std::scoped_lock lock(router.mutex_);
    corr_ = ++router.last_corr_;
    router.pending_.emplace(corr_, &pending);
    router.requests_.fetch_add(1, std::memory_order_relaxed);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    const std::scoped_lock lock(router_.mutex_);
    router_.pending_.erase(corr_);
  }

  [[nodiscard]] std::string text(const Command& command) const {
    return encode(
        CommandRequest{.address = {.reply_to = router_.reply_topic_, .corr = corr_, .client = router_.client_id_},
                       .command = command});
  }

 private:
  CommandRouter& router_;
  std::uint64_t corr_{0};
};

CommandRouter::CommandRouter(bus::Bus& bus, const std::string& client)
    : bus_(bus), reply_topic_("/" + client + "/reply"), client_id_(unique_name(client)) {
  here_ = bus.topic<String>(reply_topic_).subscribe(client_id_, [this](const String& text) { hear(text.data); });
  auto receiver = std::make_unique<TextReceiver>(bus, reply_topic_, internal::reply_qos(), [this] { take(); });
  {
    const std::scoped_lock lock(taking_);
    receiver_ = std::move(receiver);
  }
  take();  // what came before it was known here
}

CommandRouter::~CommandRouter() {
  here_.unsubscribe();
  robots_.clear();  // their events end
  std::unique_ptr<TextReceiver> closing;
  {
    const std::scoped_lock lock(taking_);
    closing = std::move(receiver_);
  }
}

CommandRouter::Counts CommandRouter::counts() const noexcept {
  return {.requests = requests_.load(std::memory_order_relaxed),
          .resent = resent_.load(std::memory_order_relaxed),
          .posts = posts_.load(std::memory_order_relaxed),
          .replies = replies_.load(std::memory_order_relaxed),
          .ignored = ignored_.load(std::memory_order_relaxed),
          .malformed = malformed_.load(std::memory_order_relaxed)};
}

CommandRouter::Robot& CommandRouter::robot(const std::string& name) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = robots_.find(name); found != robots_.end()) {
      return *found->second;
    }
  }
  const std::string topic = "/" + name + "/cmd";
  auto made = std::unique_ptr<Robot>(
      new Robot{.here = bus_.topic<String>(topic),
                .beyond = TextSender(bus_, topic, internal::request_qos(), [this] { poke_all(); })});
  const std::scoped_lock lock(mutex_);
  return *robots_.try_emplace(name, std::move(made)).first->second;
}

void CommandRouter::poke_all() {
  const std::scoped_lock lock(mutex_);
  for (const auto& [corr, pending] : pending_) {
    pending->poked = true;
    pending->wake();
  }
}

void CommandRouter::take() {
  const std::scoped_lock lock(taking_);
  while (receiver_ != nullptr && receiver_->take(kTakenAtOnce, [this](const std::string& text) { hear(text); }) > 0) {
  }
}

void CommandRouter::hear(const std::string& text) {
  const auto asked_for = [this](const std::string& client, std::uint64_t corr) -> std::optional<CommandAction> {
    const std::scoped_lock lock(mutex_);
    const auto found = client.empty() || client == client_id_ ? pending_.find(corr) : pending_.end();
    return found == pending_.end() || found->second->answer ? std::nullopt : std::optional(found->second->action);
  };
  auto reply = decode_reply(text, asked_for);
  if (!reply && malformed_.fetch_add(1, std::memory_order_relaxed) == 0) {
    core::log(core::LogLevel::kWarning, fmt::format("{}: what came is no reply: {}; further ones are only counted",
                                                    reply_topic_, reply.error().why));
  }
  if (reply && !*reply) {
    ignored_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const std::uint64_t corr = reply ? (*reply)->corr : reply.error().address.corr;
  const std::scoped_lock lock(mutex_);
  const auto found = pending_.find(corr);
  if (found == pending_.end()) {
    ignored_.fetch_add(reply ? 1 : 0, std::memory_order_relaxed);
    return;
  }
  Pending& pending = *found->second;
  replies_.fetch_add(reply ? 1 : 0, std::memory_order_relaxed);
  if (reply) {
    pending.answer.emplace(std::move((*reply)->result));
  } else {
    pending.bad = reply.error().why;
    pending.answer.emplace();
  }
  pending.wake();
}

bool CommandRouter::answered(const Pending& pending) const {
  const std::scoped_lock lock(mutex_);
  return pending.answer.has_value();
}

void CommandRouter::say_beyond(Robot& to, const std::string& text, Pending& pending) {
  resent_.fetch_add(pending.heard ? 1 : 0, std::memory_order_relaxed);
  pending.heard = to.beyond.send(text) || pending.heard;
}

RequestResult CommandRouter::request(const std::string& name, const Command& command, Patience patience) {
  std::condition_variable changed;
  Pending pending{.action = command.action, .changed = &changed};
  const Waiting waiting(*this, pending);
  const std::string text = waiting.text(command);
  if (auto failure = too_long(text)) {
    return Unexpected(std::move(*failure));
  }
  Robot& to = robot(name);
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + duration(patience.timeout_s);
  const auto found_by = std::min(deadline, Clock::now() + duration(patience.find_s));
  to.here.publish(String{.data = text});
  while (!answered(pending) && Clock::now() < (pending.heard ? deadline : found_by)) {
    say_beyond(to, text, pending);
    const auto again = std::min(pending.heard ? deadline : found_by, Clock::now() + duration(patience.resend_after_s));
    std::unique_lock lock(mutex_);
    changed.wait_until(lock, again,
                       [&] { return pending.answer || (std::exchange(pending.poked, false) && !pending.heard); });
  }
  return result_of(name, pending, patience);
}

async::Task<RequestResult> CommandRouter::request_async(std::string name, Command command, Patience patience) {
  async::Doorbell bell("reply");
  Pending pending{.action = command.action, .bell = &bell};
  const Waiting waiting(*this, pending);
  const std::string text = waiting.text(command);
  if (auto failure = too_long(text)) {
    co_return Unexpected(std::move(*failure));
  }
  Robot& to = robot(name);
  static_cast<void>(co_await async::with_timeout(duration(patience.timeout_s), wait_for(to, text, pending, patience)));
  co_return result_of(name, pending, patience);
}

async::Task<void> CommandRouter::wait_for(Robot& to, const std::string& text, Pending& pending, Patience patience) {
  const auto say_here = [&to, &text] { to.here.publish(String{.data = text}); };
  co_await async::offload(say_here);
  const core::Nanoseconds found_by_ns = core::monotonic_now_ns() + core::from_seconds(patience.find_s);
  const auto left_to_find = [&] { return core::to_seconds(found_by_ns - core::monotonic_now_ns()); };
  while (!answered(pending) && (pending.heard || left_to_find() > 0.0)) {
    say_beyond(to, text, pending);
    const double again_s = pending.heard ? patience.resend_after_s : std::min(patience.resend_after_s, left_to_find());
    do {  // a ring of somebody else's match is no reason to say again what was heard
      if (!co_await async::with_timeout(duration(std::max(again_s, 0.0)), pending.bell->wait())) {
        break;
      }
    } while (!answered(pending) && pending.heard);
  }
}

RequestResult CommandRouter::result_of(const std::string& name, Pending& pending, const Patience& patience) const {
  const std::scoped_lock lock(mutex_);
  if (!pending.bad.empty()) {
    return Unexpected(
        RequestFailure{.kind = NoValue::kBadReply, .text = name + ": its answer is none: " + pending.bad});
  }
  if (pending.answer && *pending.answer) {
    return std::move(**pending.answer);
  }
  if (pending.answer) {
    return Unexpected(RequestFailure{.kind = NoValue::kRefused, .text = pending.answer->error()});
  }
  if (pending.heard) {
    return Unexpected(RequestFailure{
        .kind = NoValue::kNoReply,
        .text =
            fmt::format("{} does not answer within {} s; it may have done what was asked", name, patience.timeout_s)});
  }
  return Unexpected(RequestFailure{.kind = NoValue::kNobody,
                                   .text = fmt::format("nobody on this bus owns '{}', or it was not found within {} s",
                                                       name, std::min(patience.timeout_s, patience.find_s))});
}

bool CommandRouter::post(const std::string& name, const Command& command) {
  posts_.fetch_add(1, std::memory_order_relaxed);
  const std::string text =
      encode(CommandRequest{.address = {.reply_to = "", .corr = 0, .client = client_id_}, .command = command});
  if (too_long(text)) {
    return false;
  }
  Robot& to = robot(name);
  to.here.publish(String{.data = text});
  return to.beyond.send(text);
}

}  // namespace takt::teleop::replay
