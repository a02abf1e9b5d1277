#pragma once

#include <expected>
#include <stdexcept>
#include <string>

namespace takt {

/// What takt throws at set-up and in I/O. The subclasses are split by who can act. A message says what failed, with
/// which values, and what would fix it. Nothing in a control cycle throws.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The user's input is wrong: a file, an option, a URI. `takt` exits 2. The message begins with where: "file:line:
/// field: …".
class ConfigError : public Error {
 public:
  using Error::Error;

  /// @param file   path or option name; @param line 1-based, 0 when there is none; @param field dotted key or column,
  /// may be empty.
  ConfigError(const std::string& file, std::size_t line, const std::string& field, const std::string& what);
};

/// A device did not do what was asked: it failed, vanished or did not answer in time. `takt` exits 1.
class DeviceError : public Error {
 public:
  using Error::Error;
};

/// The operating system refused: a file cannot be written, a thread cannot be made.
class SystemError : public Error {
 public:
  using Error::Error;
  /// Appends the text of an errno value.
  SystemError(const std::string& what, int error_number);
};

/// A broken precondition: a bug in the calling program, not a condition to handle. Carries the values.
class LogicError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// A normal outcome that is not a value: timed out, full, no message yet. E is a small enum.
template <class T, class E>
using Expected = std::expected<T, E>;

template <class E>
using Unexpected = std::unexpected<E>;

}  // namespace takt
