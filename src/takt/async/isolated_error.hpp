#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "takt/core/error.hpp"

namespace takt::async {

/// How an isolated object's process ended.
struct ProcessEnd {
  enum class Kind {
    kExited,      ///< `value` is the exit code
    kKilled,      ///< `value` is the signal
    kNotStarted,  ///< `value` is the errno of fork
    kLost,        ///< with the zygote, which had ended first; its status is unknown
  };
  Kind kind{Kind::kLost};
  int value{0};

  friend bool operator==(const ProcessEnd&, const ProcessEnd&) = default;
};

/// The end in words: "was killed by SIGSEGV (Segmentation fault)".
[[nodiscard]] std::string describe(const ProcessEnd& end);

/// The user's code in the child threw. The child goes on and takes further calls, unless it was the factory.
class IsolatedError : public Error {
 public:
  /// @param object     the isolated object's name.
  /// @param type_name  the exception's type as C++ spells it; @param text its what(), empty when it has none.
  IsolatedError(const std::string& object, std::string type_name, std::string text);

  [[nodiscard]] const std::string& type_name() const noexcept { return type_name_; }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string type_name_;
  std::string text_;
};

/// The child ended by itself: a signal, or somebody called exit. Every later call throws it again.
class ChildCrashed : public Error {
 public:
  ChildCrashed(const std::string& object, int process, ProcessEnd end);

  [[nodiscard]] const ProcessEnd& end() const noexcept { return end_; }
  /// The signal that killed it, if one did.
  [[nodiscard]] std::optional<int> signal() const noexcept;
  /// The code it exited with, if it did.
  [[nodiscard]] std::optional<int> exit_code() const noexcept;

 private:
  ProcessEnd end_;
};

/// The child did not answer in time and was killed for it. Every later call throws it again.
class ChildHung : public Error {
 public:
  ChildHung(const std::string& object, int process, std::chrono::nanoseconds waited);

  /// How long the call had been running.
  [[nodiscard]] std::chrono::nanoseconds waited() const noexcept { return waited_; }

 private:
  std::chrono::nanoseconds waited_;
};

/// Arguments or a result do not fit in `max_message_bytes`. Arguments: nothing was sent.
class MessageTooLarge : public Error {
 public:
  /// @param what  which message: "the arguments of …".
  MessageTooLarge(const std::string& what, std::size_t bytes, std::size_t limit);
};

}  // namespace takt::async
