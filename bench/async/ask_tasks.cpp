// What do starting a task and waiting for it cost?

#include <string>

#include <fmt/core.h>

#include "asio_tasks.hpp"
#include "placement.hpp"
#include "questions.hpp"

namespace takt::bench {
namespace {

constexpr std::size_t kAwaits = 200'000;
constexpr std::size_t kSpawns = 20'000;
constexpr std::size_t kBatches = 200;
constexpr std::size_t kTimers = 500;
constexpr int kPythonSamples = 10;  // of 1000 operations each, but the timer's
constexpr int kPythonTimers = 500;

struct Question {
  const char* name;
  TaskCost (*asio)(std::size_t count);
  std::size_t count;
  const char* python;
  int python_samples;
};

constexpr Question kQuestions[] = {
    {"await a ready child", asio::await_ready_child, kAwaits, "await_ready", kPythonSamples},
    {"start and wait for one", asio::spawn_and_wait, kSpawns, "start_and_wait", kPythonSamples},
    {"batch of 100, each", asio::spawn_batches, kBatches, "group_of_100", kPythonSamples},
    {"expired timer", asio::expired_timer, kTimers, "expired_sleep", kPythonTimers},
};

}  // namespace

void ask_tasks(Result& result, PythonPeer& python) {
  const PinnedTo pinned(working_cpu());
  for (const Question& question : kQuestions) {
    const auto asio_side = [&] { return question.asio(question.count); };
    const auto python_side = [&] {
      return TaskCost{.ns = python.run(question.python, question.python_samples).p50_us * 1e3};
    };
    static_cast<void>(alternate(1, asio_side, python_side));  // warm
    const auto [of_asio, of_python] = alternate(kSlices, asio_side, python_side);
    result.figures.push_back(
        alone(fmt::format("Boost.Asio awaitable: {}", question.name), column(of_asio, &TaskCost::ns), "ns"));
    result.figures.push_back(alone(fmt::format("Boost.Asio awaitable: {}, heap allocations", question.name),
                                   column(of_asio, &TaskCost::allocations), ""));
    result.figures.push_back(
        alone(fmt::format("Python asyncio: {}", question.name), column(of_python, &TaskCost::ns), "ns"));
  }
}

}  // namespace takt::bench
