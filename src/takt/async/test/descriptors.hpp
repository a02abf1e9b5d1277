#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/async/tasks/event_loop.hpp"

/// What the tests of terminal input share.
namespace takt::async {

using namespace std::chrono_literals;
using Line = std::optional<std::string>;

class Descriptor {
 public:
  explicit Descriptor(int descriptor) noexcept : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { reset(); }
  void reset() noexcept {
    if (descriptor_ >= 0) {
      close(std::exchange(descriptor_, -1));
    }
  }
  [[nodiscard]] int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

struct Pipe {
  Descriptor out;
  Descriptor in;
};

inline Pipe make_pipe() {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

inline void send(int descriptor, const std::string& text) {
  EXPECT_EQ(write(descriptor, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

inline std::string receive(int descriptor) {
  std::array<char, 256> bytes{};
  const ssize_t count = read(descriptor, bytes.data(), bytes.size());
  return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
}

template <class Body>
void run_virtual(Body body) {
  EventLoop loop(LoopTime::kVirtual);
  loop.run(body());
}

}  // namespace takt::async
