// What do starting a task and waiting for it cost?

#include <string>

#include <fmt/core.h>

#include "asio_tasks.hpp"
#include "placement.hpp"
#include "questions.hpp"
#include "takt_tasks.hpp"

namespace takt::bench {
namespace {

constexpr std::size_t kAwaits = 200'000;
constexpr std::size_t kSpawns = 20'000;
constexpr std::size_t kBatches = 200;
constexpr std::size_t kTimers = 20'000;
constexpr std::size_t kAsioTimers = 500;  // each takes a timer interrupt
constexpr int kPythonSamples = 10;        // of 1000 operations each, but the timer's
constexpr int kPythonTimers = 500;

/// One way of doing it, and how often a slice does it.
struct Side {
  TaskCost (*run)(std::size_t count);
  std::size_t count;
  [[nodiscard]] TaskCost operator()() const { return run(count); }
};

struct Question {
  const char* name;
  Side takt;
  const char* goal;
  Side asio;
  const char* python{nullptr};
  int python_samples{0};
};

constexpr Question kQuestions[] = {
    {.name = "await a ready child",
     .takt = {tasks::await_ready_child, kAwaits},
     .goal = "<= 1 × Asio",
     .asio = {asio::await_ready_child, kAwaits},
     .python = "await_ready",
     .python_samples = kPythonSamples},
    {.name = "start + join one, with its nursery",
     .takt = {tasks::start_and_join, kSpawns},
     .goal = "<= 0.3 × Asio",
     .asio = {asio::spawn_and_wait, kSpawns},
     .python = "start_and_wait",
     .python_samples = kPythonSamples},
    {.name = "start one in an open nursery, wait for its end",
     .takt = {tasks::start_and_wait, kSpawns},
     .goal = "<= 0.3 × Asio",
     .asio = {asio::spawn_and_wait, kSpawns}},
    {.name = "start + join a batch of 100, each",
     .takt = {tasks::start_batches, kBatches},
     .goal = "<= 0.1 × Asio",
     .asio = {asio::spawn_batches, kBatches},
     .python = "group_of_100",
     .python_samples = kPythonSamples},
    {.name = "expired timer",
     .takt = {tasks::expired_timer, kTimers},
     .goal = "<= 0.05 × Asio",
     .asio = {asio::expired_timer, kAsioTimers},
     .python = "expired_sleep",
     .python_samples = kPythonTimers},
};

/// takt beside Asio.
void add_compared(Result& result, const Question& question, const std::vector<TaskCost>& takt,
                  const std::vector<TaskCost>& asio) {
  result.figures.push_back(compared(fmt::format("{}; baseline: Boost.Asio awaitable", question.name),
                                    column(takt, &TaskCost::ns), column(asio, &TaskCost::ns), "ns", question.goal));
  Figure allocations = compared(fmt::format("{}: heap allocations; baseline: Boost.Asio", question.name),
                                column(takt, &TaskCost::allocations), column(asio, &TaskCost::allocations), "", "0");
  allocations.ratio.reset();  // there is no number of times that zero is less
  result.figures.push_back(allocations);
}

}  // namespace

void ask_tasks(Result& result, PythonPeer& python) {
  const PinnedTo pinned(working_cpu());
  for (const Question& question : kQuestions) {
    const auto python_side = [&] {
      return question.python == nullptr
                 ? TaskCost{}
                 : TaskCost{.ns = python.run(question.python, question.python_samples).p50_us * 1e3};
    };
    static_cast<void>(alternate(1, question.takt, question.asio, python_side));  // warm
    const auto [of_takt, of_asio, of_python] = alternate(kSlices, question.takt, question.asio, python_side);
    add_compared(result, question, of_takt, of_asio);
    if (question.python != nullptr) {
      result.figures.push_back(
          alone(fmt::format("Python asyncio: {}", question.name), column(of_python, &TaskCost::ns), "ns"));
    }
  }
}

}  // namespace takt::bench
