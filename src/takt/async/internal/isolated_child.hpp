#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#include <sys/types.h>

namespace takt::async::internal {

struct StartOrder;

/// One call as the child sees it.
struct ServedCall {
  void*& object;                       ///< the user's object; null until the factory's call made it
  std::uint64_t target;                ///< see SegmentHeader
  std::span<const std::byte> request;  ///< the arguments
  std::span<std::byte> reply;          ///< where the result goes
};

/// Runs one call in the child. Returns the bytes written to `reply`; throws what the user's code throws, or
/// CallRefused.
using Dispatcher = std::size_t (*)(ServedCall&);

/// Thrown by a dispatcher when it is not the user's code that failed.
class CallRefused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The life of a child: leaves everything behind that is the program's, then serves one call after the other, blocking,
/// on its only thread. Ends by a kStop request, or by being killed.
/// @param memory, bell  see Zygote::start(). @param zygote  the process that must be alive for this one to be.
[[noreturn]] void run_isolated_child(const StartOrder& order, int memory, int bell, pid_t zygote) noexcept;

}  // namespace takt::async::internal
