#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "takt/async/tasks/internal/thread_bound.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/async/tasks/wait_queue.hpp"

namespace takt::async {

/// Reads lines from a descriptor (a terminal, a pipe, a socket, a file) on the loop. What was read beyond a line is
/// kept for the next one: so one reader per descriptor.
///
/// The descriptor is left as it is: no O_NONBLOCK (a terminal shares it with everybody who has it open), no termios.
/// The reader waits until there is something and then does one read(2), which does not block. Another process that
/// reads the same terminal may take the line in between: then the loop stands still until the next one.
///
/// A resource. The tasks of one thread at a time, else LogicError: while calls wait, those of another are refused.
class LineReader {
 public:
  /// @param in   stays the caller's, open while the reader lives
  /// @param out  where prompts go
  LineReader(int in, int out) noexcept;
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;
  ~LineReader();

  /// Writes the prompt, when it is this call's turn, and gives the next line without its newline, or nothing at the end
  /// of the input. A last line without a newline is a line. Calls side by side: first come, first served. On a terminal
  /// the end (Ctrl-D) is no end for ever: the next call reads on.
  ///
  /// Cancellation: Cancelled, at once (a file's read is waited for); no input is lost, the next call gets it.
  ///
  /// @throws SystemError when it cannot be read; Error for a line longer than 1 MiB, which is dropped.
  [[nodiscard]] Task<std::optional<std::string>> read_line(std::string prompt = {});

  static constexpr std::size_t kLongestLineBytes = std::size_t{1} << 20U;

 private:
  class Turn;
  class TurnEnd;
  class Readable;

  [[nodiscard]] std::optional<std::string> take_line();
  [[nodiscard]] Task<std::size_t> fill();
  void give_turn() noexcept;

  internal::ThreadBound thread_;
  int in_;
  int out_;
  std::string buffer_;       // read, and not given yet
  std::size_t searched_{0};  // bytes of it that hold no newline
  bool busy_{false};
  WaitQueue<Turn> turns_;
};

/// Asks the operator: LineReader::read_line of standard input, the prompt on standard output.
///
///   if (auto answer = co_await async_input("go? "); answer && *answer == "y") { … }
///
/// One buffer for the process: do not read std::cin, or with stdio, besides. Cancellation: at once.
[[nodiscard]] Task<std::optional<std::string>> async_input(std::string prompt = {});

}  // namespace takt::async
