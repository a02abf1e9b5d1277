// Four lines that look harmless and stop every other task of the program: a model, a disk, a sleep, a network. First as
// one should not write them, caught and named by LoopWatch; then as they are written.
//
//   build/release/examples/async/blocking_code
//
// Nothing is lost by the bad half but time: a robot's 1 kHz cycle has a thread of its own (controller) and does not
// wait for the loop. What waits is everything else: cameras, subscriptions, the operator.

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "takt/async/asyncify.hpp"
#include "takt/async/inference_thread.hpp"
#include "takt/async/isolate.hpp"
#include "takt/async/loop_watch.hpp"
#include "takt/async/offload.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/run.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/zygote.hpp"
#include "takt/core/error.hpp"

#include "slow_server.hpp"

namespace {

using namespace takt::async;
using namespace std::chrono_literals;

// ---- Functions as one finds them: they know nothing of tasks and return when they are done. ----

/// Some 10 ms of computing.
[[gnu::noinline]] double model(double observation) {
  double action = observation;
  for (int i = 0; i < 8'000'000; ++i) {
    action = action * 0.999999 + 1e-6;
  }
  return action;
}

/// A camera image, or what is as large.
[[gnu::noinline]] std::size_t read_image(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> image(std::filesystem::file_size(path));
  file.read(image.data(), static_cast<std::streamsize>(image.size()));
  return static_cast<std::size_t>(file.gcount());
}

[[gnu::noinline]] void wait_for_gripper() {
  std::this_thread::sleep_for(100ms);
}

[[gnu::noinline]] std::string ask_server(std::uint16_t port) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  std::array<char, 128> answer{};
  ssize_t size = -1;
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      send(connection, "where is the cup?", 17, MSG_NOSIGNAL) > 0) {
    size = recv(connection, answer.data(), answer.size(), 0);
  }
  close(connection);
  if (size < 0) {
    throw takt::DeviceError(fmt::format("the server at port {} does not answer", port));
  }
  return {answer.data(), static_cast<std::size_t>(size)};
}

// ---- What the program works with. ----

class ImageFile {
 public:
  ImageFile() : path_(std::filesystem::temp_directory_path() / fmt::format("takt_example_{}.raw", getpid())) {
    std::ofstream file(path_, std::ios::binary);
    const std::vector<char> bytes(std::size_t{32} * 1024 * 1024, 'x');
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) {
      throw takt::SystemError("cannot write " + path_.string(), errno);
    }
  }
  ~ImageFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  ImageFile(const ImageFile&) = delete;
  ImageFile& operator=(const ImageFile&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

struct World {
  std::atomic<double> setpoint{0.5};  // what the cycle of the robot follows, in its own thread
  ImageFile image;
  SlowServer server{50ms};
};

constexpr int kTimes = 4;

// ---- Bad: each of these tasks stops all tasks of the loop. ----

Task<void> bad(World* world) {
  co_await with_nursery([world](Nursery& nursery) -> Task<Join> {
    nursery.start("model", [world]() -> Task<void> {
      for (int i = 0; i < kTimes; ++i) {
        world->setpoint = model(world->setpoint);
        co_await sleep_for(10ms);
      }
    });
    nursery.start("disk", [world]() -> Task<void> {
      for (int i = 0; i < kTimes; ++i) {
        read_image(world->image.path());
        co_await sleep_for(10ms);
      }
    });
    nursery.start("sleep", []() -> Task<void> {
      for (int i = 0; i < kTimes; ++i) {
        wait_for_gripper();
        co_await sleep_for(10ms);
      }
    });
    nursery.start("network", [world]() -> Task<void> {
      for (int i = 0; i < kTimes; ++i) {
        ask_server(world->server.port());
        co_await sleep_for(10ms);
      }
    });
    co_return kJoin;
  });
}

// ---- Good: the same work, and the loop turns. ----

/// A model that may crash or hang: it lives in a process of its own.
struct IsolatedModel {
  double infer(double observation) { return model(observation); }
};
IsolatedModel make_model() {
  return {};
}

Task<void> good(World* world) {
  // A model has a thread of its own: what it holds (a CUDA context, its weights) is made and used there.
  InferenceThread policy({.name = "policy", .initialize = [] { model(0.0); }});
  co_await policy.start();
  co_await with_nursery([world, &policy](Nursery& nursery) -> Task<Join> {
    nursery.start("model", [world, &policy]() -> Task<void> {
      auto infer = policy.wrap(&model);  // infer.sync(0.5) is model(0.5)
      for (int i = 0; i < kTimes; ++i) {
        world->setpoint = co_await infer(world->setpoint.load());
      }
    });
    nursery.start("isolated model", [world]() -> Task<void> {
      auto other = co_await isolate(make_model);
      for (int i = 0; i < kTimes; ++i) {
        world->setpoint = co_await other.call<&IsolatedModel::infer>({.deadline = 10s}, world->setpoint.load());
      }
      co_await other.stop();
    });
    nursery.start("disk", [world]() -> Task<void> {
      auto read = asyncify(&read_image);  // read.sync(path) is read_image(path)
      for (int i = 0; i < kTimes; ++i) {
        static_cast<void>(co_await read(world->image.path()));
      }
    });
    nursery.start("sleep", []() -> Task<void> {
      for (int i = 0; i < kTimes; ++i) {
        co_await sleep_for(100ms);
      }
    });
    nursery.start("network", [world]() -> Task<void> {
      for (int i = 0; i < kTimes; ++i) {
        co_await offload([world] { return ask_server(world->server.port()); });
      }
    });
    co_return kJoin;
  });
  co_await policy.stop();
}

Task<void> watched(Task<void> program) {
  LoopWatchStatistics seen;
  {
    const LoopWatch watch({.on_report = [](const BlockReport& report) { fmt::print("{}\n", report.text()); }});
    co_await std::move(program);
    seen = watch.statistics();
  }
  fmt::print("{} times a task stopped the loop for more than 1 ms; {} times the host did.\n\n", seen.blocked,
             seen.not_scheduled);
}

Task<void> app() {
  World world;
  fmt::print("Bad: on the loop\n\n");
  co_await watched(bad(&world));
  fmt::print("Good: awaited\n\n");
  co_await watched(good(&world));
}

}  // namespace

int main() {
  const Zygote zygote;  // the first line: isolated objects are forked from it
  return run(app());
}
