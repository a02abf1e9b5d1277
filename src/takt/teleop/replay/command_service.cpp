#include "takt/teleop/replay/command_service.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "takt/core/log.hpp"
#include "takt/messages/packages/std_msgs.hpp"
#include "takt/teleop/replay/internal/task_thread.hpp"
#include "takt/teleop/replay/internal/text_topic.hpp"

namespace takt::teleop::replay {
namespace {

using internal::TextReceiver;
using internal::TextSender;
using std_msgs::String;
using Verdict = RequestMemory::Verdict;

constexpr std::size_t kTakenAtOnce = 16;
constexpr std::size_t kReadAtOnce = std::size_t{16} << 10U;  // text that takes well below a millisecond to read
constexpr std::size_t kWaitingBytes = std::size_t{128} << 20U;

std::string command_topic(const std::string& robot) {
  return "/" + robot + "/cmd";
}

std::string reply_text(const ReplyAddress& address, CommandResult result) {
  return encode(CommandReply{.client = address.client, .corr = address.corr, .result = std::move(result)});
}

}  // namespace

CommandService::CommandService(bus::Bus& bus, const std::string& robot, CommandHandler& handler)
    : CommandService(bus, robot, handler, Options{}) {}

CommandService::CommandService(bus::Bus& bus, const std::string& robot, CommandHandler& handler, Options options)
    : bus_(bus),
      topic_(command_topic(robot)),
      handler_(handler),
      options_(std::move(options)),
      memory_(options_.memory) {
  here_ = bus.topic<String>(topic_).subscribe("cmd." + robot, [this](const String& text) {
    serve(text.data, {.remote = false, .received_ns = core::monotonic_now_ns()});
  });
  receiver_ = std::make_unique<TextReceiver>(bus, topic_, internal::request_qos(), [this] {
    const std::scoped_lock lock(mutex_);
    data_ = true;
    came_.notify_one();
  });
  if (receiver_->has_transports()) {
    const internal::TaskThread::Bounds bounds{.tasks = options_.waiting, .bytes = kWaitingBytes};
    work_ = std::make_unique<internal::TaskThread>("work." + robot, bounds);
    look_ = std::make_unique<internal::TaskThread>("look." + robot, bounds);
    thread_ =
        std::make_unique<realtime::RealtimeThread>(realtime::ThreadOptions{.name = ("cmd." + robot).substr(0, 15)},
                                                   [this](const std::stop_token& stop) { take(stop); });
  }
}

// The threads end before the receiver that is taken from, and nobody here asks any more. What is still being done on
// one of the two may want the other.
CommandService::~CommandService() {
  here_.unsubscribe();
  thread_.reset();
  for (internal::TaskThread* const thread : {work_.get(), look_.get()}) {
    if (thread != nullptr) {
      thread->close();
    }
  }
  receiver_.reset();
}

CommandService::Counts CommandService::counts() const noexcept {
  return {.done = done_.load(std::memory_order_relaxed),
          .one_way = one_way_.load(std::memory_order_relaxed),
          .repeated = repeated_.load(std::memory_order_relaxed),
          .malformed = malformed_.load(std::memory_order_relaxed) + receiver_->malformed(),
          .dropped = dropped_.load(std::memory_order_relaxed),
          .failed = failed_.load(std::memory_order_relaxed)};
}

/// What fails for one request or client, such as room for its answer, does not end the owner's process.
template <class Work>
void CommandService::attempt(const Work& work) noexcept {
  try {
    work();
  } catch (const std::exception& error) {
    if (failed_.fetch_add(1, std::memory_order_relaxed) == 0) {
      core::log(core::LogLevel::kError, fmt::format("{}: {}; further ones are only counted", topic_, error.what()));
    }
  }
}

void CommandService::take(const std::stop_token& stop) {
  const core::Nanoseconds period_ns = core::from_seconds(options_.every_s);
  const auto use = [this](std::string text) { attempt([&] { sort(std::move(text)); }); };
  core::Nanoseconds due_ns = core::monotonic_now_ns();
  while (!stop.stop_requested()) {
    std::size_t taken = 1;
    attempt([&] { taken = receiver_->take(kTakenAtOnce, use); });
    if (period_ns > 0 && core::monotonic_now_ns() >= due_ns) {
      attempt(options_.every);
      due_ns = core::monotonic_now_ns() + period_ns;
    }
    if (taken == 0) {
      wait(stop, due_ns);
    }
  }
}

/// Until something has come, or it is time for `every`.
void CommandService::wait(const std::stop_token& stop, core::Nanoseconds due_ns) {
  const auto came = [this] { return std::exchange(data_, false); };
  std::unique_lock lock(mutex_);
  if (options_.every_s > 0.0) {
    const auto limit = std::chrono::nanoseconds(std::max<core::Nanoseconds>(0, due_ns - core::monotonic_now_ns()));
    came_.wait_for(lock, stop, limit, came);
  } else {
    came_.wait(lock, stop, came);
  }
}

/// On the thread "cmd.<robot>": does it now, or has it done after what is being done, or beside it.
void CommandService::sort(std::string text) {
  const Source source{.remote = true, .received_ns = core::monotonic_now_ns()};
  const std::size_t bytes = text.size();
  if (bytes > kReadAtOnce) {
    later(*work_, bytes, [this, source, text = std::move(text)] { serve(text, source); });
    return;
  }
  auto request = decode_request(text);
  if (!request) {
    refuse(request.error(), true);
    return;
  }
  const ReplyAddress address = request->address;
  const CommandCaller caller{.client = address.client, .remote = true, .received_ns = source.received_ns};
  handler_.heard(caller);  // now, not only when it is done, and also who asks again
  const auto remembers = admit(*request, source);
  if (!remembers) {
    return;
  }
  const Command& command = request->command;
  const bool forgets = command.action == CommandAction::kStopReplay && command.params.clear;
  const bool looks = only_looks(command.action);
  const bool waits = takes_long(command.action) || (!looks && !goes_first(command.action) && !work_->idle());
  if (!waits && !forgets) {
    perform(*request, source, *remembers);
    return;
  }
  if (forgets) {  // what is loaded is perhaps in use; to stop cannot wait for that
    std::ignore = handler_.handle({.action = CommandAction::kStopReplay, .params = {}}, caller);
  }
  const bool given = later(
      looks ? *look_ : *work_, bytes,
      [this, source, remembers = *remembers, request = std::move(*request)] { perform(request, source, remembers); });
  if (!given && *remembers) {
    memory_.give_up(address.client, address.corr);
  }
}

/// False: there is no room, and it will not be done.
bool CommandService::later(internal::TaskThread& thread, std::size_t bytes, std::function<void()> work) {
  const bool given = thread.give(bytes, [this, work = std::move(work)] { attempt(work); });
  if (!given && dropped_.fetch_add(1, std::memory_order_relaxed) == 0) {
    core::log(core::LogLevel::kWarning,
              topic_ + ": too many requests wait: one was dropped; further ones are only counted");
  }
  return given;
}

void CommandService::serve(const std::string& text, const Source& source) {
  const auto request = decode_request(text);
  if (!request) {
    refuse(request.error(), source.remote);
  } else if (const auto remembers = admit(*request, source)) {
    perform(*request, source, *remembers);
  }
}

void CommandService::refuse(const BadRequest& bad, bool remote) {
  if (malformed_.fetch_add(1, std::memory_order_relaxed) == 0) {
    core::log(core::LogLevel::kWarning,
              fmt::format("{}: what came is no request: {}; further ones are only counted", topic_, bad.why));
  }
  answer(bad.address, Unexpected(bad.why), remote);
}

/// What came before is not done again: what is known of it is said, and where that is forgotten nothing, for it may
/// well have been done. @return whether its answer is to be remembered; nothing: it is not to be done
std::optional<bool> CommandService::admit(const CommandRequest& request, const Source& source) {
  const ReplyAddress& address = request.address;
  if (address.client.empty() || address.corr == 0 || only_looks(request.command.action)) {
    return false;
  }
  const RequestMemory::Known known = memory_.begin(address.client, address.corr, source.received_ns);
  if (known.verdict == Verdict::kNew) {
    return true;
  }
  if (goes_first(request.command.action) && (known.verdict == Verdict::kFull || known.verdict == Verdict::kTooOld)) {
    return false;  // to stop twice does no harm
  }
  if (known.verdict == Verdict::kFull) {
    answer(address, Unexpected("too many clients at once; it was not done"), source.remote);
    return std::nullopt;
  }
  repeated_.fetch_add(1, std::memory_order_relaxed);
  if (known.verdict == Verdict::kAnswered) {
    repeat(address, known.answer, source.remote);
  }
  return std::nullopt;
}

/// A large text, which takes long, not on the thread that takes what comes; and not behind a look that hangs, where
/// nothing else is done.
void CommandService::repeat(const ReplyAddress& address, std::shared_ptr<const std::string> text, bool remote) {
  const std::size_t bytes = text->size();
  if (remote && bytes > kReadAtOnce) {
    internal::TaskThread& thread = work_->idle() ? *work_ : *look_;
    later(thread, 0, [this, topic = address.reply_to, text = std::move(text)] { say(topic, *text, true); });
  } else {
    say(address.reply_to, *text, remote);
  }
}

void CommandService::perform(const CommandRequest& request, const Source& source, bool remembers) {
  const ReplyAddress& address = request.address;
  const auto text = ask(request, source, remembers || !address.reply_to.empty());
  if (remembers) {
    memory_.finish(address.client, address.corr, text);
  }
  if (text != nullptr) {
    say(address.reply_to, *text, source.remote);
  }
}

/// @return the answer, where one is wanted
std::shared_ptr<const std::string> CommandService::ask(const CommandRequest& request, const Source& source,
                                                       bool answers) {
  done_.fetch_add(1, std::memory_order_relaxed);
  one_way_.fetch_add(request.address.reply_to.empty() ? 1 : 0, std::memory_order_relaxed);
  const auto text = [&](CommandResult result) {
    return answers ? std::make_shared<const std::string>(reply_text(request.address, std::move(result))) : nullptr;
  };
  try {
    return text(handler_.handle(
        request.command,
        {.client = request.address.client, .remote = source.remote, .received_ns = source.received_ns}));
  } catch (const std::exception& error) {
    failed_.fetch_add(1, std::memory_order_relaxed);
    core::log(core::LogLevel::kError,
              fmt::format("{}: {}: {}", topic_, action_name(request.command.action), error.what()));
    return text(Unexpected(fmt::format("it failed: {}", error.what())));
  }
}

void CommandService::answer(const ReplyAddress& address, const CommandResult& result, bool remote) {
  if (!address.reply_to.empty()) {
    say(address.reply_to, reply_text(address, result), remote);
  }
}

void CommandService::say(const std::string& topic, const std::string& text, bool remote) {
  if (topic.empty()) {
    return;
  }
  if (remote) {
    static_cast<void>(way_to(topic)->send(text));  // who does not hear it asks again
  } else {
    bus_.topic<String>(topic).publish(String{.data = text});
  }
}

std::shared_ptr<TextSender> CommandService::way_to(const std::string& topic) {
  const std::scoped_lock lock(ways_mutex_);
  const auto way = std::ranges::find(ways_, topic, &ReplyWay::topic);
  if (way != ways_.end()) {
    ways_.splice(ways_.begin(), ways_, way);
    return ways_.front().sender;
  }
  auto sender = std::make_shared<TextSender>(bus_, topic, internal::reply_qos());
  if (ways_.size() >= options_.reply_topics) {
    ways_.pop_back();
  }
  ways_.push_front({.topic = topic, .sender = sender});
  return sender;
}

}  // namespace takt::teleop::replay
