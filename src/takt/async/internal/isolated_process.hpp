#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <sys/types.h>

#include "takt/async/internal/isolated_child.hpp"
#include "takt/async/internal/isolated_segment.hpp"
#include "takt/async/isolate_options.hpp"
#include "takt/async/isolated_error.hpp"

namespace takt::async::internal {

/// The child's answer to the running call. The bytes lie in shared memory, until the next submit().
struct Reply {
  ReplyKind kind;
  std::span<const std::byte> bytes;
};

/// The parent's side of one isolated object's process. Nothing here waits: whoever uses it waits until `reply_bell` or
/// `life` is readable and then asks. Calls run one at a time, so that an answer can only be that of the running call.
/// A resource; one thread.
class IsolatedProcess {
 public:
  /// Asks the Zygote for the child and returns; the child takes the first call when it is up (0.2 ms).
  /// @throws LogicError without a Zygote, without a name or with a message size that means nothing; SystemError.
  explicit IsolatedProcess(IsolateOptions options);
  /// Kills the child, without waiting; the zygote reaps it.
  ~IsolatedProcess();
  IsolatedProcess(const IsolatedProcess&) = delete;
  IsolatedProcess& operator=(const IsolatedProcess&) = delete;

  /// Where the next call's arguments are written. @throws LogicError while a call runs; as try_collect() when the child
  /// is known to be gone.
  [[nodiscard]] std::span<std::byte> request_area() const;

  /// Starts a call whose arguments are the first `bytes` of request_area().
  /// @param target  what the dispatcher calls, if it takes that from here; may be null.
  /// @throws LogicError while a call runs, or for functions that the child does not have (Zygote::check_known).
  void submit(RequestKind kind, Dispatcher dispatcher, const void* target, std::size_t bytes);

  /// The answer of the running call, once: nothing while it runs. Silences reply_bell().
  /// @throws ChildCrashed when the child has ended without an answer, ChildHung when give_up() had killed it; Error
  /// when it wrote nonsense about its answer.
  [[nodiscard]] std::optional<Reply> try_collect();

  /// How the child ended, or is ending by a fault: nothing while it lives. An answer that came before is still there
  /// for try_collect().
  [[nodiscard]] std::optional<ProcessEnd> try_end();

  /// Kills the child, if it lives; try_end() tells when it is gone.
  void kill() noexcept;

  /// Kills the child because the running call took too long. @throws ChildHung, always, now and from every later call.
  /// @param waited  how long it was given.
  [[noreturn]] void give_up(std::chrono::nanoseconds waited);

  /// Whether a call was submitted and not collected.
  [[nodiscard]] bool busy() const noexcept;

  /// Readable when try_collect() has something, or a fault is ending the child: an eventfd.
  [[nodiscard]] int reply_bell() const noexcept;
  /// Readable when try_end() has something: a socket.
  [[nodiscard]] int life() const noexcept;

  /// The child's process id, 0 before it is up.
  [[nodiscard]] pid_t process() const noexcept;
  [[nodiscard]] const IsolateOptions& options() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace takt::async::internal
