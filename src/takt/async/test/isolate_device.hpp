#pragma once

#include <csignal>
#include <stdexcept>
#include <string>

#include <boost/describe.hpp>
#include <unistd.h>

#include "takt/async/isolate.hpp"
#include "takt/async/tasks/event_loop.hpp"

/// What the tests of isolate isolate.
namespace takt::async {

struct Reading {
  int number{0};
  std::string text;

  friend bool operator==(const Reading&, const Reading&) = default;
};
BOOST_DESCRIBE_STRUCT(Reading, (), (number, text))

class Device {
 public:
  explicit Device(int offset) : offset_(offset) {}

  [[nodiscard]] Reading read(const Reading& reading) const { return {reading.number + offset_, reading.text}; }
  int next() { return ++count_; }
  int next_slowly() {
    usleep(2'000);
    return ++count_;
  }
  void rest(core::Nanoseconds time_ns) { usleep(static_cast<useconds_t>(time_ns / 1'000)); }
  void fail(const std::string& text) { throw std::out_of_range(text); }
  void fault() { raise(SIGSEGV); }
  void leave(int code) { _exit(code); }
  void hang() {
    while (true) {
      pause();
    }
  }
  [[nodiscard]] int count() const { return count_; }

 private:
  int offset_;
  int count_{0};
};

inline Device make_device(int offset) {
  return Device(offset);
}

/// Runs a test's body on a loop of its own.
template <class Body>
void run_on_loop(Body body, LoopTime time = LoopTime::kSteady) {
  EventLoop loop(time);
  loop.run(body());
}

}  // namespace takt::async
