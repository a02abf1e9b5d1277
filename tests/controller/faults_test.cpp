// A server and its clients as processes that are killed, and an arm that fails: nothing hangs, leaks, or moves on its
// own. TAKT_FAULTS_SCALE=20 runs the whole campaign (200 kills of either side, 10^5 packets); 1 is the default.

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/controller/internal/packet_socket.hpp"
#include "takt/controller/internal/server_socket.hpp"
#include "takt/controller/internal/wire.hpp"
#include "takt/controller/remote_controller.hpp"
#include "takt/core/time.hpp"

#include "child.hpp"
#include "vandal.hpp"

namespace takt::test {
namespace {

namespace internal = controller::internal;
using async::Task;
using control::CycleMode;
using control::Fault;
using controller::RemoteController;
using controller::RemoteOptions;
using namespace std::chrono_literals;

constexpr const char* kName = "faulty";

int scale() {
  const char* text = std::getenv("TAKT_FAULTS_SCALE");
  return text != nullptr ? std::max(1, std::atoi(text)) : 1;
}
int kills() {
  return 10 * scale();
}
int packets() {
  return 5000 * scale();
}

class ControllerFaults : public ::testing::Test {
 public:
  ControllerFaults() {
    std::string pattern = (std::filesystem::temp_directory_path() / "takt_faults_XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    setenv("XDG_RUNTIME_DIR", pattern.c_str(), 1);
  }
  ~ControllerFaults() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  [[nodiscard]] std::unique_ptr<Child> serve() const {
    auto server = std::make_unique<Child>(std::vector<std::string>{"serve", kName});
    EXPECT_EQ(server->read_line(), "ready");
    return server;
  }
  [[nodiscard]] std::size_t files() const {
    std::error_code none;
    const std::filesystem::directory_iterator all(folder / "takt", none);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
  void random_pause(int longest_us) {
    std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<int>(0, longest_us)(random)));
  }

  std::filesystem::path folder;
  std::mt19937 random{20240611};
};

void run(Task<void> task) {
  async::EventLoop loop;
  loop.run(std::move(task));
}

template <class F>
Task<void> until(F condition) {
  while (!condition()) {
    co_await async::sleep_for(1ms);
  }
}

Task<void> expect_held(RemoteController& arm) {
  co_await until([&] { return !arm.commander(); });
  co_await until([&] { return arm.state().at_rest && arm.state().mode == CycleMode::kHolding; });
  EXPECT_FALSE(arm.state().measured.brakes_engaged);
  EXPECT_EQ(arm.fault().fault, Fault::kNone) << control::describe(arm.fault());
}

/// The arm does what it is told; so all is well.
Task<void> expect_commanded() {
  const auto arm = co_await RemoteController::connect(kName);
  core::JointVector q_rad = arm->state().setpoint.q_rad;
  q_rad[0] = q_rad[0] > 0.0 ? -0.05 : 0.05;
  co_await arm->move(q_rad);
  EXPECT_LT(core::max_abs_difference(arm->state().setpoint.q_rad, q_rad), 1e-9);
}

TEST_F(ControllerFaults, ClientsThatAreKilledAtRandomMomentsLeaveAnArmThatIsHeld) {
  const auto server = serve();
  std::size_t descriptors = 0;
  run([](ControllerFaults& its, Child& process, std::size_t& before) -> Task<void> {
    const auto observer = co_await RemoteController::connect(kName, {.observe = true});
    for (int i = 0; i < kills(); ++i) {
      Child client({i % 4 == 3 ? "ask" : "stream", kName});
      EXPECT_EQ(client.read_line(), "ready");
      its.random_pause(20'000);
      client.kill();
      co_await expect_held(*observer);
      while ((co_await observer->status()).clients > 1) {  // its last request may still be on its way
        co_await async::sleep_for(1ms);
      }
      if (i == 0) {
        before = process.open_descriptors();
      }
    }
    EXPECT_EQ(process.open_descriptors(), before);
    co_await expect_commanded();
  }(*this, *server, descriptors));
  server->send(SIGTERM);
  EXPECT_EQ(server->wait(), 128 + SIGTERM);
  EXPECT_EQ(files(), 0U);
}

TEST_F(ControllerFaults, ServersThatAreKilledAtRandomMomentsAreMissedAndReplaced) {
  std::vector<core::Nanoseconds> heard_after_ns;
  for (int i = 0; i < kills(); ++i) {
    const auto server = serve();  // where the one before left its files
    Child client({i % 4 == 3 ? "ask" : "stream", kName});
    EXPECT_EQ(client.read_line(), "ready");
    random_pause(20'000);
    const core::Nanoseconds killed_ns = core::monotonic_now_ns();
    server->kill();
    if (const auto heard = client.read_line()) {
      heard_after_ns.push_back(std::stoll(*heard) - killed_ns);
    }
    EXPECT_EQ(client.wait(), 0);
    EXPECT_EQ(files(), 2U);
    EXPECT_EQ(internal::find_server(kName), std::nullopt);
  }
  std::sort(heard_after_ns.begin(), heard_after_ns.end());
  EXPECT_FALSE(heard_after_ns.empty());
  fmt::print(
      "a client whose loop is blocked heard of its server's death after {:.1f} ms (median), {:.1f} ms (longest)\n",
      static_cast<double>(heard_after_ns.at(heard_after_ns.size() / 2)) * 1e-6,
      static_cast<double>(heard_after_ns.back()) * 1e-6);
  const auto server = serve();
  run([]() -> Task<void> {
    const auto arm = co_await RemoteController::connect(kName);
    co_await arm->start();
  }());
  run(expect_commanded());
}

TEST_F(ControllerFaults, RandomRequestsAndBytesOnTheSocketDisturbNobody) {
  const auto server = serve();
  {
    Vandal vandal(kName);
    RandomPackets source(random);
    for (int i = 0; i < packets(); ++i) {
      vandal.send(source.next());
    }
  }
  run([](Child& process) -> Task<void> {
    const auto arm = co_await RemoteController::connect(kName, {.take_over = true});
    co_await arm->recover();
    co_await arm->set_payload({.mass_kg = 0.1, .p_LC_m = {}, .I_C_kg_m2 = 1e-4 * Eigen::Matrix3d::Identity()});
    co_await until([&arm = *arm] { return arm.state().mode == CycleMode::kHolding; });
    while ((co_await arm->status()).clients > 1) {
      co_await async::sleep_for(1ms);
    }
    EXPECT_LT(process.open_descriptors(), 60U);
  }(*server));
  run(expect_commanded());
  server->send(SIGTERM);
  EXPECT_EQ(server->wait(), 128 + SIGTERM);
}

TEST_F(ControllerFaults, AnArmThatStopsAnsweringIsAFaultThatClientsHearOf) {
  const auto server = serve();
  run([](Child& process) -> Task<void> {
    const auto arm = co_await RemoteController::connect(kName);
    co_await arm->start();
    const core::JointVector q_rad = arm->state().setpoint.q_rad;
    process.send(SIGUSR2);
    co_await until([&] { return arm->fault().fault != Fault::kNone; });
    EXPECT_THROW(arm->set(q_rad), controller::FaultError);
    co_await async::sleep_for(400ms);  // the arm misses its master and brakes by itself
    co_await arm->stop();
    process.send(SIGUSR2);
    co_await async::sleep_for(20ms);
    co_await arm->recover();
    co_await arm->move(q_rad);
  }(*server));
  run(expect_commanded());
}

TEST_F(ControllerFaults, ANaNInTheStateClosesTheBrakes) {
  const auto server = serve();
  run([](Child& process) -> Task<void> {
    const auto arm = co_await RemoteController::connect(kName);
    co_await arm->start();
    process.send(SIGUSR1);
    co_await until([&] { return arm->fault().fault == Fault::kStateNotFinite; });
    co_await until([&] { return arm->state().measured.brakes_engaged; });
    co_await arm->stop();
    EXPECT_FALSE((co_await arm->evidence()).empty());
    co_await arm->recover();
    EXPECT_FALSE(arm->state().measured.brakes_engaged);
  }(*server));
  run(expect_commanded());
}

}  // namespace
}  // namespace takt::test
