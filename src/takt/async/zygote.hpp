#pragma once

#include <cstdint>
#include <vector>

#include <sys/types.h>

#include "takt/core/file_descriptor.hpp"

namespace takt::async {

namespace internal {
struct StartOrder;
}

/// The process from which isolated objects are forked. Construct it in the first line of `main`: it is a copy of the
/// program as it was then, with one thread, no locks held and little memory, so that a fork of it is safe and takes a
/// fraction of a millisecond, whatever the program grows into. Forking the program itself later would stall its
/// real-time threads.
///
///   int main() {
///     takt::async::Zygote zygote;
///     return run(app());
///   }
///
/// What a child finds is what the program was then: environment, working directory, globals. Its output goes where the
/// program's goes; its standard input is empty. SIGINT, SIGTERM and SIGHUP are the program's to act on: a child ignores
/// them and ends with its owner. Faults (SIGSEGV, SIGABRT and their like) are told to the owner, then kill it as ever.
/// All other signals, the scheduling policy and the CPU mask are at their defaults.
///
/// Nothing survives the program: the kernel kills the zygote when the thread that made it ends (even by SIGKILL), and
/// the children when the zygote ends. What a child itself starts is the child's business.
///
/// A resource; one per process; lives longer than every isolated object.
class Zygote {
 public:
  /// @throws LogicError when the process has other threads already (it names them), or another Zygote; SystemError.
  Zygote();
  /// Kills what is left. Harmless when the program has reaped the zygote itself, by a wait for any child.
  ~Zygote();
  Zygote(const Zygote&) = delete;
  Zygote& operator=(const Zygote&) = delete;

  /// The process's Zygote. Any thread. @throws LogicError when there is none.
  [[nodiscard]] static Zygote& current();

  [[nodiscard]] pid_t process() const noexcept { return process_; }

  /// Asks for a child and does not wait for it; what comes of it is told on `life`, the other end of which the caller
  /// keeps: LifeMessage, then end of file. Closing or shutting down that other end kills the child. The descriptors
  /// stay the caller's. Any thread.
  /// @param memory  a segment file, see internal/isolated_segment.hpp; @param bell  an eventfd that the child rings per
  /// reply.
  /// @throws SystemError when the zygote process has ended.
  void start(const internal::StartOrder& order, int memory, int bell, int life);

  /// Whether `address` is in code that was mapped when the zygote forked, and so is the same in every child. Any
  /// thread.
  [[nodiscard]] bool knows(const void* address) const noexcept;

  /// @throws LogicError naming the function and its library when a child would not know it.
  void check_known(const void* address) const;

 private:
  struct CodeRange {
    std::uintptr_t begin;
    std::uintptr_t end;
  };
  static std::vector<CodeRange> mapped_code();

  std::vector<CodeRange> code_;  // sorted
  core::FileDescriptor control_;
  core::FileDescriptor handle_;  // a pidfd: the program may have reaped it, and its number be another's
  pid_t process_{-1};
};

}  // namespace takt::async
