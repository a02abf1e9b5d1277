// A policy that crashes now and then, in a process of its own: the program notes it, makes a new one, and goes on.

#include <csignal>
#include <string>
#include <vector>

#include <boost/describe.hpp>
#include <fmt/core.h>

#include <takt/async.hpp>

using namespace takt::async;
using namespace std::chrono_literals;

namespace {

struct Observation {
  double t_s{0.0};
  std::vector<float> image;
};
BOOST_DESCRIBE_STRUCT(Observation, (), (t_s, image))

struct Action {
  double velocity_rad_s{0.0};
};
BOOST_DESCRIBE_STRUCT(Action, (), (velocity_rad_s))

class Policy {
 public:
  explicit Policy(std::string checkpoint) : checkpoint_(std::move(checkpoint)) {}

  Action get_action(const Observation& observation) {
    if (++calls_ == 5) {
      std::raise(SIGSEGV);  // a defect of the library below
    }
    return {.velocity_rad_s = observation.t_s * static_cast<double>(observation.image.size())};
  }

 private:
  std::string checkpoint_;
  int calls_{0};
};

Policy make_policy(std::string checkpoint) {
  return Policy(std::move(checkpoint));
}

/// Asks until the child crashes, or there is nothing to ask any more.
Task<void> serve(int* step) {
  auto policy = co_await isolate(make_policy, std::string("checkpoint.pt"));
  while (*step < 12) {
    Observation observation{.t_s = *step * 0.1, .image = std::vector<float>(64 * 64)};
    const Action action = co_await policy.call<&Policy::get_action>({.deadline = 5s}, std::move(observation));
    fmt::print("step {}: {:.1f} rad/s\n", *step, action.velocity_rad_s);
    ++*step;
  }
  co_await policy.stop();
}

Task<void> app() {
  int step = 0;
  for (int crashes = 0; crashes < 4; ++crashes) {
    try {
      co_await serve(&step);
      co_return;
    } catch (const ChildCrashed& error) {
      fmt::print("{}; once more\n", error.what());
      ++step;
    }
  }
  fmt::print("too many crashes\n");
}

}  // namespace

int main() {
  const Zygote zygote;
  return run(app());
}
