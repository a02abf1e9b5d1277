#include "takt/async/tasks/run.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <optional>

#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/async/tasks/exception_group.hpp"
#include "takt/async/tasks/internal/io_watch.hpp"
#include "takt/async/tasks/wait.hpp"
#include "takt/core/error.hpp"
#include "takt/core/log.hpp"

// A signal may arrive on any thread, at any time, also while run() returns. So its handler touches nothing but what
// lives as long as the process: a number and an eventfd, which the loop watches.

namespace takt::async {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM};
constexpr int kSignalExit = 128;

std::atomic<int> signal_received{0};
std::atomic<int> signal_event{-1};
std::atomic<bool> signals_taken{false};

void on_signal(int number) {
  int none = 0;
  if (!signal_received.compare_exchange_strong(none, number)) {
    std::signal(number, SIG_DFL);  // somebody means it
    raise(number);
    return;
  }
  const int error_number = errno;
  const std::uint64_t one = 1;
  static_cast<void>(!write(signal_event.load(), &one, sizeof(one)));
  errno = error_number;
}

const char* reason_of(int number) {
  return number == SIGINT ? "SIGINT" : "SIGTERM";
}

/// The handlers, for as long as it lives.
class SignalHandlers {
 public:
  SignalHandlers() {
    if (signals_taken.exchange(true)) {
      throw LogicError(
          "run() handles signals on another thread already: pass {.handle_signals = false} to one of them");
    }
    if (signal_event.load() < 0) {
      signal_event.store(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    }
    signal_received.store(0);
    struct sigaction action{};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      sigaction(kSignals[i], nullptr, &before_[i]);
      if (before_[i].sa_handler != SIG_IGN) {
        sigaction(kSignals[i], &action, nullptr);
      }
    }
  }
  SignalHandlers(const SignalHandlers&) = delete;
  SignalHandlers& operator=(const SignalHandlers&) = delete;
  /// The first that came since it was made; 0: none.
  [[nodiscard]] static int received() noexcept { return signal_received.load(); }
  ~SignalHandlers() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      sigaction(kSignals[i], &before_[i], nullptr);
    }
    signals_taken.store(false);
  }

 private:
  std::array<struct sigaction, kSignals.size()> before_{};
};

class SignalWatch final : public internal::IoWatch {
 public:
  SignalWatch() { watch(signal_event.load(), EPOLLIN); }
  void ready(std::uint32_t /*events*/) noexcept override {
    std::uint64_t count = 0;
    static_cast<void>(!read(signal_event.load(), &count, sizeof(count)));
    if (const int number = signal_received.load(); number != 0) {
      this_loop().cancel(reason_of(number));
    }
  }
};

Task<int> watch_signals(Task<int> root) {
  const SignalWatch watch;
  co_return co_await std::move(root);
}

Task<int> with_status(Task<void> root) {
  co_await std::move(root);
  co_return 0;
}

int failed(const std::string& what, bool configuration) {
  core::log(core::LogLevel::kError, what);
  return configuration ? 2 : 1;
}

}  // namespace

int run(Task<int> root, RunOptions options) {
  if (internal::this_thread.loop != nullptr) {
    throw LogicError(fmt::format("run() was called inside a running loop, by task '{}': co_await the task instead",
                                 internal::current_task_name()));
  }
  std::optional<SignalHandlers> handlers;
  if (options.handle_signals) {
    handlers.emplace();
    root = watch_signals(std::move(root));
  }
  try {
    EventLoop loop;
    return loop.run(std::move(root), options.name);
  } catch (const Cancelled&) {
    const int number = handlers ? SignalHandlers::received() : 0;
    return number != 0 ? kSignalExit + number : failed("the program was cancelled, and not by a signal", false);
  } catch (const ExceptionGroup& group) {
    return failed(group.what(), group.all_are<ConfigError>());
  } catch (const LogicError& error) {
    return failed(error.what(), false);
  } catch (const ConfigError& error) {
    return failed(error.what(), true);
  } catch (...) {
    return failed(describe(std::current_exception()), false);
  }
}

int run(Task<void> root, RunOptions options) {
  return run(with_status(std::move(root)), options);
}

}  // namespace takt::async
