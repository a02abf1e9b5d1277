// What does a publish of a node cost until its subscriber of the same process has it, nothing else in between?

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"
#include "takt/messages/packages/std_msgs.hpp"
#include "takt/node/node.hpp"

#include "comparison.hpp"
#include "questions.hpp"
#include "rcu_list.hpp"

namespace takt::bench {
namespace {

constexpr std::size_t kPublishesPerBatch = 1000;

struct SmallMessage {
  std::array<std::uint64_t, 8> words{};
};
static_assert(sizeof(SmallMessage) == 64);

std::uint64_t word_of(const SmallMessage& message) {
  return message.words[0];
}
std::uint64_t word_of(const std_msgs::String& message) {
  return message.data.size();
}
void fill(SmallMessage& message) {
  message.words[0] = 64;
}
void fill(std_msgs::String& message) {
  message.data.assign(64, 'x');
}

/// The median batch of a slice [ns per publish].
template <class Publish>
double slice_ns(int batches, const Publish& publish) {
  std::vector<double> sample;
  sample.reserve(static_cast<std::size_t>(batches));
  for (int i = 0; i < batches; ++i) {
    sample.push_back(batch_ns(kPublishesPerBatch, publish));
  }
  return quantile(sample, 0.5);
}

struct Slices {
  SliceSample takt;
  SliceSample baseline;
};

/// @param handler  adds what it hears to `sum`
template <class T, class MakeHandler>
async::Task<void> publish_to(const Plan* plan, MakeHandler make_handler, Slices* slices) {
  std::uint64_t sum = 0;
  std::uint64_t bare_sum = 0;
  node::Node node("bench", std::make_shared<bus::Bus>());
  const auto subscription = node.subscribe<T>("/bench", make_handler(&sum), {.delivery = node::Delivery::kInline});
  const auto publisher = node.publisher<T>("/bench");
  RcuList<T> bare;
  bare.subscribe([&bare_sum](const T& message) { bare_sum += word_of(message); });
  T message{};
  fill(message);
  co_await node::with_node(node, [&]() -> async::Task<void> {
    co_await async::yield();  // delivered inline from when its task runs
    const auto takt_side = [&] {
      return slice_ns(plan->in_process_batches, [&] { static_cast<void>(publisher.publish(message)); });
    };
    const auto bare_side = [&] { return slice_ns(plan->in_process_batches, [&] { bare.publish(message); }); };
    static_cast<void>(alternate(1, takt_side, bare_side));  // warm
    const auto both = alternate(plan->in_process_slices, takt_side, bare_side);
    slices->takt.values = both[0];
    slices->baseline.values = both[1];
  });
  if (sum != bare_sum || subscription.statistics().received * word_of(message) != sum) {
    throw LogicError("bench transports: a subscriber of the same process missed a message");
  }
}

template <class T, class MakeHandler>
void ask(Result& result, const Plan& plan, const std::string& name, MakeHandler make_handler, std::string goal) {
  Slices slices;
  async::EventLoop().run(publish_to<T>(&plan, make_handler, &slices));
  result.figures.push_back(compared("same process, " + name +
                                        ", publish until the handler has returned; baseline: a "
                                        "bare list of functions",
                                    slices.takt, slices.baseline, "ns", std::move(goal)));
}

}  // namespace

void ask_in_process(Result& result, const Plan& plan) {
  ask<SmallMessage>(
      result, plan, "typed, 64 B",
      [](std::uint64_t* sum) { return [sum](const SmallMessage& message) { *sum += word_of(message); }; }, "<= 100");
  ask<SmallMessage>(
      result, plan, "typed, 64 B, the handler wants its times",
      [](std::uint64_t* sum) {
        return [sum](const SmallMessage& message, const bus::MessageInfo&) { *sum += word_of(message); };
      },
      "");
  ask<std_msgs::String>(
      result, plan, "a string of 64 B",
      [](std::uint64_t* sum) { return [sum](const std_msgs::String& message) { *sum += word_of(message); }; }, "");
  result.notes.push_back(fmt::format(
      "same process: {} publishes between two clock reads; {} samples per slice, {} slices of each side in turn; the "
      "publisher and the inline subscription are of one node; the topic keeps a copy of the latest message, the "
      "baseline none; with its times: two clock reads of {:.0f} ns",
      kPublishesPerBatch, plan.in_process_batches, plan.in_process_slices, clock_read_ns()));
}

}  // namespace takt::bench
