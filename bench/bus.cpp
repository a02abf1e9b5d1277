// What does a publish cost? takt::bus::Topic beside the bare list of functions (rcu_list.hpp), both called in batches.

#include "takt/bus/bus.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "takt/core/error.hpp"
#include "takt/messages/robot_state.hpp"

#include "measure.hpp"
#include "rcu_list.hpp"
#include "result.hpp"

namespace takt::bench {
namespace {

constexpr std::size_t kPublishesPerBatch = 1000;
constexpr int kBatchesPerSlice = 100;

struct SmallMessage {
  std::array<std::uint64_t, 8> words{};
};
static_assert(sizeof(SmallMessage) == 64);

std::uint64_t word_of(const SmallMessage& message) {
  return message.words[0];
}
std::uint64_t word_of(const messages::RobotState& message) {
  return message.sequence;
}
void set_word(SmallMessage& message, std::uint64_t word) {
  message.words[0] = word;
}
void set_word(messages::RobotState& message, std::uint64_t word) {
  message.sequence = word;
}

/// A publisher of T and its subscribers, each of which adds one word of the message to a sum.
template <class T>
struct TaktSide {
  explicit TaktSide(int subscribers) {
    for (int i = 0; i < subscribers; ++i) {
      subscriptions.push_back(topic.subscribe("bench", [this](const T& message) { sum += word_of(message); }));
    }
  }
  void publish(const T& message) { topic.publish(message); }

  bus::Bus bus;
  bus::Topic<T>& topic{bus.topic<T>("/bench")};
  std::uint64_t sum{0};
  std::vector<bus::Subscription> subscriptions;
};

template <class T>
struct BareSide {
  explicit BareSide(int subscribers) {
    for (int i = 0; i < subscribers; ++i) {
      list.subscribe([this](const T& message) { sum += word_of(message); });
    }
  }
  void publish(const T& message) { list.publish(message); }

  RcuList<T> list;
  std::uint64_t sum{0};
};

/// The median batch of a slice [ns per publish]. `published` adds up what the subscribers must have seen.
template <class T, class Side>
double slice_ns(Side& side, T& message, std::uint64_t& published) {
  std::vector<double> batches;
  batches.reserve(kBatchesPerSlice);
  for (int i = 0; i < kBatchesPerSlice; ++i) {
    batches.push_back(batch_ns(kPublishesPerBatch, [&] {
      set_word(message, word_of(message) + 1);
      side.publish(message);
      published += word_of(message);
    }));
  }
  return quantile(batches, 0.5);
}

template <class T>
Figure compare(const std::string& message_name, int subscribers, const std::string& goal) {
  TaktSide<T> takt(subscribers);
  BareSide<T> bare(subscribers);
  T message{};
  SliceSample takt_ns;
  SliceSample bare_ns;
  std::uint64_t published = 0;
  std::uint64_t published_bare = 0;
  static_cast<void>(slice_ns(takt, message, published));  // warm
  static_cast<void>(slice_ns(bare, message, published_bare));
  for (int slice = 0; slice < kSlices; ++slice) {
    takt_ns.add(slice_ns(takt, message, published));
    bare_ns.add(slice_ns(bare, message, published_bare));
  }
  const auto times = static_cast<std::uint64_t>(subscribers);
  if (takt.sum != times * published || bare.sum != times * published_bare) {
    throw LogicError("bench bus: a subscriber missed a message");
  }
  return {.name = fmt::format("publish {} to {} inline subscriber{}, p50", message_name, subscribers,
                              subscribers > 1 ? "s" : ""),
          .value = takt_ns.median(),
          .unit = "ns",
          .baseline = bare_ns.median(),
          .ratio = median_ratio(takt_ns, bare_ns),
          .goal = goal,
          .best = takt_ns.best()};
}

Result run() {
  Result result{.bench = "bus", .figures = {}, .notes = {}};
  result.figures.push_back(compare<SmallMessage>("64 bytes", 1, "<= 15"));
  result.figures.push_back(compare<SmallMessage>("64 bytes", 8, "<= 30"));
  result.figures.push_back(compare<messages::RobotState>("RobotState", 1, "<= 100"));
  result.figures.push_back(compare<messages::RobotState>("RobotState", 8, "<= 120"));
  result.notes = {
      fmt::format(
          "one sample: {} publishes between two clock reads ({:.0f} ns each, included: below 0.1 ns per publish); "
          "{} samples per slice, {} slices of each side in turn",
          kPublishesPerBatch, clock_read_ns(), kBatchesPerSlice, kSlices),
      fmt::format(
          "takt keeps a copy of the latest message (RobotState: {} bytes); the baseline, a bare list of functions "
          "behind an atomic pointer with two reader counters, keeps none",
          sizeof(messages::RobotState)),
  };
  return result;
}

}  // namespace
}  // namespace takt::bench

int main(int argc, char** argv) {
  return takt::bench::report(takt::bench::run(), argc, argv);
}
