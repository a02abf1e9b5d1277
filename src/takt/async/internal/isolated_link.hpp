#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "takt/async/internal/isolated_process.hpp"
#include "takt/async/tasks/clock.hpp"
#include "takt/async/tasks/internal/intrusive_list.hpp"
#include "takt/async/tasks/internal/io_watch.hpp"
#include "takt/async/tasks/internal/thread_bound.hpp"
#include "takt/core/file_descriptor.hpp"

/// Internal to isolate.
namespace takt::async::internal {

struct InCalls;
struct LoopState;

/// A call on its way to an isolated object: it waits in the object's queue, runs in the child, is over. What happens to
/// it is told by the link; what it carries is known by its derived class.
class IsolatedCall : public ListLink<InCalls> {
 public:
  explicit IsolatedCall(std::optional<Duration> deadline) noexcept : deadline_(deadline) {}
  IsolatedCall(const IsolatedCall&) = delete;
  IsolatedCall& operator=(const IsolatedCall&) = delete;

  /// Writes the arguments and submits. What it throws is the call's outcome.
  virtual void submit(IsolatedProcess& process) = 0;
  /// Reads the result, which is gone afterwards. What it throws is the call's outcome.
  virtual void take(const IsolatedProcess& process, const Reply& reply) = 0;
  /// It is over: the task may go on.
  virtual void finished() noexcept = 0;
  /// The object has been destroyed under it.
  virtual void lost() noexcept = 0;
  /// The child exits after it, and it is over only then.
  [[nodiscard]] virtual bool is_stop() const noexcept { return false; }

 protected:
  ~IsolatedCall() = default;
  [[nodiscard]] std::optional<Duration> deadline() const noexcept { return deadline_; }

  /// The child was killed because the call was cancelled and did not end in time.
  [[nodiscard]] bool was_abandoned() const noexcept { return abandoned_; }
  [[nodiscard]] const std::exception_ptr& error() const noexcept { return error_; }

 private:
  friend class IsolatedLink;

  std::optional<Duration> deadline_;
  bool cancelled_{false};
  bool abandoned_{false};
  std::exception_ptr error_;
};

/// An isolated object's process on an event loop: a queue of calls of which the first runs. Deadlines are real time,
/// as the child's is. Loop thread only. Shared by the proxy, which closes it, and the calls, which may be awaited
/// later.
class IsolatedLink {
 public:
  /// Starts the process. @throws as IsolatedProcess; SystemError; LogicError outside of a task.
  explicit IsolatedLink(IsolateOptions options);
  /// As close().
  ~IsolatedLink();
  IsolatedLink(const IsolatedLink&) = delete;
  IsolatedLink& operator=(const IsolatedLink&) = delete;

  /// Kills the child. Whoever still waits gets a LogicError, and so does every later call.
  void close() noexcept;

  /// Queues a call, or starts it. @throws LogicError after close() and on another loop than its own
  void enter(IsolatedCall& call);
  /// Takes a call out that waits: true. One that runs stays, for `grace` at most: false.
  bool withdraw(IsolatedCall& call) noexcept;

  [[nodiscard]] bool stopped() const noexcept { return stopped_; }
  [[nodiscard]] const IsolatedProcess& process() const noexcept { return process_; }
  [[nodiscard]] std::string describe(std::string_view what) const;

 private:
  /// Calls a member of the link when its descriptor is readable.
  template <void (IsolatedLink::*on_ready)() noexcept>
  class Watch final : public IoWatch {
   public:
    explicit Watch(IsolatedLink& link) noexcept : link_(link) {}
    void ready(std::uint32_t /*events*/) noexcept override { (link_.*on_ready)(); }

   private:
    IsolatedLink& link_;
  };
  void start_next() noexcept;
  void answer_came() noexcept;
  void life_ended() noexcept;
  void timer_fired() noexcept;
  void time_is_up() noexcept;
  void finish() noexcept;
  void set_deadline(Duration left) noexcept;
  void set_timer() noexcept;

  ThreadBound thread_;
  LoopState& loop_;
  IsolatedProcess process_;
  List<IsolatedCall, InCalls> waiting_;
  IsolatedCall* running_{nullptr};
  core::Nanoseconds started_ns_{0};               ///< when the running call was given to the child
  std::optional<core::Nanoseconds> deadline_ns_;  ///< when it is killed for it
  std::optional<core::Nanoseconds> timer_ns_;     ///< when the timer fires
  bool stopped_{false};
  bool closed_{false};
  core::FileDescriptor timer_;
  Watch<&IsolatedLink::answer_came> bell_watch_{*this};
  Watch<&IsolatedLink::life_ended> life_watch_{*this};
  Watch<&IsolatedLink::timer_fired> timer_watch_{*this};
};

}  // namespace takt::async::internal
