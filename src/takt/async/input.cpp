#include "takt/async/input.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

#include <fmt/core.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "takt/async/offload.hpp"
#include "takt/async/tasks/internal/io_watch.hpp"
#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/core/error.hpp"

namespace takt::async {
namespace {

constexpr std::size_t kReadBytes = 4096;

// A prompt is short and a terminal takes it at once; a pipe that nobody empties would block.
void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(descriptor, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {  // somebody made it non-blocking
      pollfd writable{.fd = descriptor, .events = POLLOUT, .revents = 0};
      poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      throw SystemError(fmt::format("the prompt cannot be written to descriptor {}", descriptor), errno);
    }
  }
}

/// One read(2). Nothing when there was nothing after all; 0 bytes at the end. @throws SystemError
std::optional<std::size_t> read_once(int descriptor, std::array<char, kReadBytes>& bytes) {
  const ssize_t count = read(descriptor, bytes.data(), bytes.size());
  if (count >= 0) {
    return static_cast<std::size_t>(count);
  }
  if (errno == EINTR || errno == EAGAIN) {
    return std::nullopt;
  }
  throw SystemError(fmt::format("descriptor {} cannot be read", descriptor), errno);
}

}  // namespace

/// Waits until it is this call's turn.
class LineReader::Turn final : public QueuedAwaitable<Turn> {
 public:
  explicit Turn(LineReader& reader) noexcept : reader_(reader) {}
  [[nodiscard]] bool try_complete() {
    reader_.thread_.check("LineReader::read_line", {});
    return !std::exchange(reader_.busy_, true);
  }
  void arm() noexcept { reader_.turns_.push(*this); }
  void result() const noexcept {}
  [[nodiscard]] std::string describe() const override { return "its turn to read a line"; }

 private:
  LineReader& reader_;
};

/// Gives the turn on at the end of a block.
class LineReader::TurnEnd {
 public:
  explicit TurnEnd(LineReader& reader) noexcept : reader_(reader) {}
  TurnEnd(const TurnEnd&) = delete;
  TurnEnd& operator=(const TurnEnd&) = delete;
  ~TurnEnd() { reader_.give_turn(); }

 private:
  LineReader& reader_;
};

/// Waits until the descriptor is readable; false at once when it is of a kind that always is (a file, /dev/null).
class LineReader::Readable final : public Awaitable<Readable>, private internal::IoWatch {
 public:
  explicit Readable(int descriptor) noexcept : input_(descriptor) {}
  Readable(Readable&& idle) noexcept : Awaitable(static_cast<Awaitable&&>(idle)), input_(idle.input_) {}
  [[nodiscard]] bool try_complete() {
    waits_ = try_watch(input_, EPOLLIN);
    return !waits_;
  }
  void arm() noexcept { ++internal::this_thread.loop->state().outside_waits; }
  [[nodiscard]] bool result() const noexcept { return waits_; }
  [[nodiscard]] std::string describe() const override { return fmt::format("input on descriptor {}", input_); }

 private:
  void ready(std::uint32_t /*events*/) noexcept override {
    stand_down();
    complete();
  }
  bool withdraw() noexcept override {
    stand_down();
    return true;
  }
  void stand_down() noexcept {
    unwatch();
    --internal::this_thread.loop->state().outside_waits;
  }

  int input_;
  bool waits_{false};
};

LineReader::LineReader(int in, int out) noexcept : in_(in), out_(out) {}

LineReader::~LineReader() = default;

void LineReader::give_turn() noexcept {
  if (turns_.empty()) {
    busy_ = false;
    thread_.unbind();
  } else {
    turns_.wake(turns_.front());  // stays busy, for that one
  }
}

std::optional<std::string> LineReader::take_line() {
  const std::size_t end = buffer_.find('\n', searched_);
  if (end == std::string::npos) {
    searched_ = buffer_.size();
    return std::nullopt;
  }
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  searched_ = 0;
  return line;
}

// Reads once into the buffer, when there is something. Gives the bytes read, 0 at the end of the input.
Task<std::size_t> LineReader::fill() {
  std::array<char, kReadBytes> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): written by read(2)
  std::optional<std::size_t> count;
  while (!count) {
    const bool waited = co_await Readable(in_);
    if (waited) {
      count = read_once(in_, bytes);
    } else {
      count = co_await offload([this, &bytes] { return read_once(in_, bytes); });
    }
  }
  buffer_.append(bytes.data(), *count);
  co_return *count;
}

Task<std::optional<std::string>> LineReader::read_line(std::string prompt) {
  co_await Turn(*this);
  const TurnEnd turn_end(*this);
  write_all(out_, prompt);
  while (true) {
    if (std::optional<std::string> line = take_line()) {
      co_return line;
    }
    if (buffer_.size() > kLongestLineBytes) {
      buffer_.clear();
      searched_ = 0;
      throw Error(fmt::format("a line on descriptor {} is longer than {} bytes", in_, kLongestLineBytes));
    }
    const std::size_t count = co_await fill();
    if (count == 0 && buffer_.empty()) {
      co_return std::nullopt;
    }
    if (count == 0) {
      searched_ = 0;
      co_return std::exchange(buffer_, {});
    }
  }
}

Task<std::optional<std::string>> async_input(std::string prompt) {
  static auto* const standard_input = new LineReader(STDIN_FILENO, STDOUT_FILENO);  // never destroyed: exit() is safe
  std::fflush(stdout);  // what was printed before comes before the prompt
  co_return co_await standard_input->read_line(std::move(prompt));
}

}  // namespace takt::async
