#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace takt::async {

/// How an isolated object's process is made.
struct IsolateOptions {
  // Behaviour.
  std::string name{};     ///< in errors; the process is called iso.<name>, cut to 15 bytes. Empty: the type's name
  bool core_dump{false};  ///< let the kernel write one: a crash is then noticed only when it is written
  /// How long stop(), and a cancelled call, wait for the child before they kill it. Real time, also on a loop with
  /// virtual time.
  std::chrono::nanoseconds grace{std::chrono::seconds(1)};

  // Performance.
  /// The largest argument list, and the largest result, in CDR [bytes], up to 2^40. Costs address space; memory only
  /// where used.
  std::size_t max_message_bytes{std::size_t{4} * 1024 * 1024};
};

}  // namespace takt::async
