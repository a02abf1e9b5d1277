#include "takt/teleop/replay/command_service.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "takt/core/log.hpp"
#include "takt/messages/packages/std_msgs.hpp"
#include "takt/teleop/replay/internal/text_topic.hpp"

namespace takt::teleop::replay {
namespace {

using internal::TextReceiver;
using internal::TextSender;
using std_msgs::String;
using Verdict = RequestMemory::Verdict;

constexpr std::size_t kTakenAtOnce = 16;

std::string command_topic(const std::string& robot) {
  return "/" + robot + "/cmd";
}

/// Done again when it comes again, and not remembered: its answer may be large, and is another by then.
bool only_looks(CommandAction action) noexcept {
  return action == CommandAction::kStatus || action == CommandAction::kList ||
         action == CommandAction::kGetTrajectoryFrames;
}

std::string reply_text(const ReplyAddress& address, CommandResult result) {
  return encode(CommandReply{.client = address.client, .corr = address.corr, .result = std::move(result)});
}

}  // namespace

CommandService::CommandService(bus::Bus& bus, std::string robot, CommandHandler& handler)
    : CommandService(bus, std::move(robot), handler, Options{}) {}

CommandService::CommandService(bus::Bus& bus, std::string robot, CommandHandler& handler, Options options)
    : bus_(bus),
      topic_(command_topic(robot)),
      handler_(handler),
      options_(std::move(options)),
      memory_(options_.memory) {
  here_ = bus.topic<String>(topic_).subscribe("cmd." + robot, [this](const String& text) { serve(text.data, false); });
  receiver_ = std::make_unique<TextReceiver>(bus, topic_, internal::request_qos(), [this] {
    const std::scoped_lock lock(mutex_);
    data_ = true;
    came_.notify_one();
  });
  if (receiver_->has_transports()) {
    thread_ =
        std::make_unique<realtime::RealtimeThread>(realtime::ThreadOptions{.name = ("cmd." + robot).substr(0, 15)},
                                                   [this](const std::stop_token& stop) { take(stop); });
  }
}

// The thread ends before the receiver that it takes from, and nobody here asks any more.
CommandService::~CommandService() {
  here_.unsubscribe();
  thread_.reset();
  receiver_.reset();
}

CommandService::Counts CommandService::counts() const noexcept {
  return {.done = done_.load(std::memory_order_relaxed),
          .one_way = one_way_.load(std::memory_order_relaxed),
          .repeated = repeated_.load(std::memory_order_relaxed),
          .malformed = malformed_.load(std::memory_order_relaxed) + receiver_->malformed(),
          .failed = failed_.load(std::memory_order_relaxed)};
}

void CommandService::take(const std::stop_token& stop) {
  const core::Nanoseconds period_ns = core::from_seconds(options_.every_s);
  core::Nanoseconds due_ns = core::monotonic_now_ns();
  while (!stop.stop_requested()) {
    const std::size_t taken = receiver_->take(kTakenAtOnce, [this](const std::string& text) { serve(text, true); });
    if (period_ns > 0 && core::monotonic_now_ns() >= due_ns) {
      options_.every();
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

void CommandService::serve(const std::string& text, bool remote) {
  const auto request = decode_request(text);
  if (request) {
    serve(*request, remote);
  } else {
    refuse(request.error(), remote);
  }
}

void CommandService::refuse(const BadRequest& bad, bool remote) {
  if (malformed_.fetch_add(1, std::memory_order_relaxed) == 0) {
    core::log(core::LogLevel::kWarning,
              fmt::format("{}: what came is no request: {}; further ones are only counted", topic_, bad.why));
  }
  answer(bad.address, Unexpected(bad.why), remote);
}

void CommandService::serve(const CommandRequest& request, bool remote) {
  const ReplyAddress& address = request.address;
  const bool remembers = !address.client.empty() && address.corr != 0 && !only_looks(request.command.action);
  const RequestMemory::Known known = remembers ? memory_.begin(address.client, address.corr) : RequestMemory::Known{};
  if (known.verdict != Verdict::kNew) {
    repeated_.fetch_add(1, std::memory_order_relaxed);
  }
  switch (known.verdict) {
    case Verdict::kRunning:
      return;
    case Verdict::kAnswered:
      say(address.reply_to, *known.answer, remote);
      return;
    case Verdict::kTooOld:
      answer(address, Unexpected("it was asked before, too long ago to know the answer; it was not done again"),
             remote);
      return;
    case Verdict::kNew:
      break;
  }
  CommandResult result = ask(request, remote);
  if (address.reply_to.empty() && !remembers) {
    return;
  }
  const auto text = std::make_shared<const std::string>(reply_text(address, std::move(result)));
  if (remembers) {
    memory_.finish(address.client, address.corr, text);
  }
  say(address.reply_to, *text, remote);
}

CommandResult CommandService::ask(const CommandRequest& request, bool remote) {
  done_.fetch_add(1, std::memory_order_relaxed);
  one_way_.fetch_add(request.address.reply_to.empty() ? 1 : 0, std::memory_order_relaxed);
  try {
    return handler_.handle(request.command, {.client = request.address.client, .remote = remote});
  } catch (const std::exception& error) {
    failed_.fetch_add(1, std::memory_order_relaxed);
    core::log(core::LogLevel::kError,
              fmt::format("{}: {}: {}", topic_, action_name(request.command.action), error.what()));
    return Unexpected(fmt::format("it failed: {}", error.what()));
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
    static_cast<void>(way_to(topic).send(text));  // who does not hear it asks again
  } else {
    bus_.topic<String>(topic).publish(String{.data = text});
  }
}

TextSender& CommandService::way_to(const std::string& topic) {
  for (auto way = ways_.begin(); way != ways_.end(); ++way) {
    if (way->topic == topic) {
      ways_.splice(ways_.begin(), ways_, way);
      return *ways_.front().sender;
    }
  }
  if (ways_.size() >= options_.reply_topics) {
    ways_.pop_back();
  }
  ways_.push_front({.topic = topic, .sender = std::make_unique<TextSender>(bus_, topic, internal::reply_qos())});
  return *ways_.front().sender;
}

}  // namespace takt::teleop::replay
