#include "takt/async/isolated_error.hpp"

#include <cstring>
#include <utility>

namespace takt::async {
namespace {

std::string named(const std::string& object, int process) {
  std::string text = "isolated '" + object + "'";
  return process > 0 ? text + " (process " + std::to_string(process) + ")" : text;
}

std::string signal_words(int signal) {
  const char* abbreviation = sigabbrev_np(signal);
  const char* description = sigdescr_np(signal);
  return abbreviation == nullptr ? "signal " + std::to_string(signal)
                                 : "SIG" + std::string(abbreviation) + " (" + description + ")";
}

std::string milliseconds_text(std::chrono::nanoseconds duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) + " ms";
}

std::string thrown(const std::string& object, const std::string& type_name, const std::string& text) {
  const std::string what = "isolated '" + object + "' threw " + type_name;
  return text.empty() ? what : what + ": " + text;
}

}  // namespace

std::string describe(const ProcessEnd& end) {
  switch (end.kind) {
    case ProcessEnd::Kind::kExited:
      return "exited with code " + std::to_string(end.value);
    case ProcessEnd::Kind::kKilled:
      return "was killed by " + signal_words(end.value);
    case ProcessEnd::Kind::kNotStarted:
      return std::string("could not be started: ") + std::strerror(end.value);
    case ProcessEnd::Kind::kLost:
      break;
  }
  return "is gone with the zygote process, which has ended";
}

IsolatedError::IsolatedError(const std::string& object, std::string type_name, std::string text)
    : Error(thrown(object, type_name, text)), type_name_(std::move(type_name)), text_(std::move(text)) {}

ChildCrashed::ChildCrashed(const std::string& object, int process, ProcessEnd end)
    : Error(named(object, process) + " " + describe(end)), end_(end) {}

std::optional<int> ChildCrashed::signal() const noexcept {
  return end_.kind == ProcessEnd::Kind::kKilled ? std::optional(end_.value) : std::nullopt;
}

std::optional<int> ChildCrashed::exit_code() const noexcept {
  return end_.kind == ProcessEnd::Kind::kExited ? std::optional(end_.value) : std::nullopt;
}

ChildHung::ChildHung(const std::string& object, int process, std::chrono::nanoseconds waited)
    : Error(named(object, process) + " did not answer within " + milliseconds_text(waited) + " and was killed"),
      waited_(waited) {}

MessageTooLarge::MessageTooLarge(const std::string& what, std::size_t bytes, std::size_t limit)
    : Error(what + " take " + std::to_string(bytes) + " bytes, more than the " + std::to_string(limit) +
            " of max_message_bytes") {}

}  // namespace takt::async
