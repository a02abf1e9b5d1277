#include "one_way.hpp"

#include <chrono>
#include <cstdio>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include <unistd.h>

#include "takt/core/error.hpp"

#include "placement.hpp"

namespace takt::bench {
namespace {

using namespace std::chrono_literals;

constexpr core::Nanoseconds kPeriod_ns = 1'000'000;
constexpr auto kPatience = 20s;

/// A number to the child: which way, and how.
struct Question {
  std::uint32_t way{0};
  bool flood{false};

  [[nodiscard]] std::uint32_t coded() const noexcept { return (2 * way) + (flood ? 1 : 0); }
  static Question decoded(std::uint32_t coded) noexcept { return {.way = coded / 2, .flood = coded % 2 == 1}; }
};

}  // namespace

OneWay::OneWay(std::vector<Way> ways, Priority priority)
    : ways_(std::move(ways)), priority_(priority), child_([this](std::uint32_t question) { serve(question); }) {}

Latency OneWay::latency(std::size_t way, int messages) {
  return latency_of(hear(way, false, messages).under_way_us);
}

double OneWay::rate(std::size_t way, int duration_ms) {
  const Heard heard = hear(way, true, duration_ms);
  const core::Nanoseconds took_ns = heard.last_ns - heard.first_ns;
  return took_ns > 0 ? static_cast<double>(heard.under_way_us.size() - 1) / core::to_seconds(took_ns) : 0.0;
}

OneWay::Heard OneWay::hear(std::size_t way, bool flood, int amount) {
  meeting_->heard = false;
  meeting_->arrived = 0;
  meeting_->amount = amount;
  Heard heard;
  heard.under_way_us.reserve(std::size_t{1} << 20U);
  std::optional<Fifo> fifo;
  if (priority_ == Priority::kFifo) {
    fifo.emplace();
  }
  auto receiver = ways_.at(way).receiver([&](core::Nanoseconds stamp_ns) {
    if (stamp_ns == 0) {
      meeting_->heard.store(true, std::memory_order_relaxed);
      return;
    }
    heard.last_ns = core::monotonic_now_ns();
    if (heard.under_way_us.empty()) {
      heard.first_ns = heard.last_ns;
    }
    heard.under_way_us.push_back(static_cast<double>(heard.last_ns - stamp_ns) * 1e-3);
    meeting_->arrived.fetch_add(1, std::memory_order_relaxed);
  });
  child_.ask(Question{.way = static_cast<std::uint32_t>(way), .flood = flood}.coded());
  wait_until_quiet();
  receiver.reset();  // what it heard is ours from here on
  if (heard.under_way_us.empty()) {
    throw SystemError("bench: nothing arrived by " + ways_.at(way).name);
  }
  return heard;
}

void OneWay::wait_until_quiet() {
  std::uint64_t before = 0;
  do {
    before = meeting_->arrived.load(std::memory_order_relaxed);
    std::this_thread::sleep_for(30ms);
  } while (meeting_->arrived.load(std::memory_order_relaxed) != before);
}

// --- the child -----------------------------------------------------------------------------------------------------

void OneWay::serve(std::uint32_t question) {
  const Question asked = Question::decoded(question);
  std::optional<Fifo> fifo;
  if (priority_ == Priority::kFifo) {
    fifo.emplace();
  }
  try {
    const Way& way = ways_.at(asked.way);
    const auto sender = way.sender();
    wait_until_heard(*sender);
    if (asked.flood) {
      send_flood(*sender, way.window);
    } else {
      send_paced(*sender);
    }
    std::this_thread::sleep_for(100ms);  // what is still under way would be lost with the sender
  } catch (const std::exception& error) {
    static_cast<void>(std::fprintf(stderr, "bench, sending process: %s\n", error.what()));
    _exit(1);
  }
}

void OneWay::wait_until_heard(Sender& sender) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!meeting_->heard.load(std::memory_order_relaxed)) {
    if (std::chrono::steady_clock::now() > end) {
      throw SystemError("nobody hears it");
    }
    static_cast<void>(sender.send(0));
    std::this_thread::sleep_for(1ms);
  }
  std::this_thread::sleep_for(20ms);
}

void OneWay::send_paced(Sender& sender) {
  core::Beat beat(core::monotonic_now_ns(), kPeriod_ns);
  const int messages = meeting_->amount;
  for (int i = 0; i < messages; ++i) {
    core::steady_clock().sleep_until_ns(beat.next_ns(core::monotonic_now_ns()));
    static_cast<void>(sender.send(core::monotonic_now_ns()));
  }
}

void OneWay::send_flood(Sender& sender, std::uint64_t window) {
  constexpr core::Nanoseconds kTakenForLost_ns = 20'000'000;
  const core::Nanoseconds end_ns = core::monotonic_now_ns() + (meeting_->amount * core::Nanoseconds{1'000'000});
  std::uint64_t sent = 0;
  core::Nanoseconds sent_ns = core::monotonic_now_ns();
  for (core::Nanoseconds now_ns = sent_ns; now_ns < end_ns; now_ns = core::monotonic_now_ns()) {
    const std::uint64_t arrived = meeting_->arrived.load(std::memory_order_relaxed);
    if (window != 0 && now_ns - sent_ns > kTakenForLost_ns) {
      sent = arrived;
    }
    if ((window == 0 || sent < arrived + window) && sender.send(now_ns)) {
      ++sent;
      sent_ns = now_ns;
    } else {
      std::this_thread::yield();
    }
  }
}

}  // namespace takt::bench
