#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "takt/core/time.hpp"

#include "child.hpp"
#include "measure.hpp"
#include "shared_page.hpp"

/// From a child process to this one: how long a message is under way, and how many go through.
namespace takt::bench {

/// The end that speaks, in the child. One thread.
class Sender {
 public:
  Sender() = default;
  virtual ~Sender() = default;
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  /// One message that carries this number. False: there is no room now.
  [[nodiscard]] virtual bool send(core::Nanoseconds stamp_ns) = 0;
};

/// The end that hears, in this process, for as long as it lives.
class Receiver {
 public:
  Receiver() = default;
  virtual ~Receiver() = default;
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
};

/// Gets the number of each message, on the thread that brings it; one at a time.
using Hear = std::function<void(core::Nanoseconds stamp_ns)>;

/// One way from there to here.
struct Way {
  std::string name;
  std::function<std::unique_ptr<Sender>()> sender;
  std::function<std::unique_ptr<Receiver>(Hear hear)> receiver;
  /// Where nothing presses back: so many messages are under way at most. 0: the way itself knows.
  std::uint64_t window{0};
};

/// Of all threads of both ends. kFifo where it is permitted: what else the machine does disturbs neither side of a
/// comparison; but the kernel stops who computes without a pause for a second.
enum class Priority : std::uint8_t { kFifo, kOrdinary };

/// A number of ways, and the child that sends on them. A resource.
class OneWay {
 public:
  /// Forks: before the process has a second thread.
  explicit OneWay(std::vector<Way> ways, Priority priority = Priority::kFifo);
  OneWay(const OneWay&) = delete;
  OneWay& operator=(const OneWay&) = delete;

  [[nodiscard]] const std::vector<Way>& ways() const noexcept { return ways_; }

  /// So many messages at 1 kHz, both ends new: from before it is sent until `hear` is called.
  /// @throws SystemError when an end fails, or nothing arrives
  [[nodiscard]] Latency latency(std::size_t way, int messages);

  /// Messages per second that arrive when they are sent as fast as there is room, for so long.
  [[nodiscard]] double rate(std::size_t way, int duration_ms);

 private:
  /// Of the two processes.
  struct Meeting {
    std::atomic<bool> heard{false};
    std::atomic<std::uint64_t> arrived{0};
    std::atomic<int> amount{0};
  };
  struct Heard {
    std::vector<double> under_way_us;
    core::Nanoseconds first_ns{0};
    core::Nanoseconds last_ns{0};
  };

  [[nodiscard]] Heard hear(std::size_t way, bool flood, int amount);
  void wait_until_quiet();
  void serve(std::uint32_t question);
  void wait_until_heard(Sender& sender);
  void send_paced(Sender& sender);
  void send_flood(Sender& sender, std::uint64_t window);

  std::vector<Way> ways_;
  Priority priority_;
  SharedPage<Meeting> meeting_;
  Child child_;  // last: sees what is above
};

}  // namespace takt::bench
