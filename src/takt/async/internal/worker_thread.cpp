#include "takt/async/internal/worker_thread.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

#include <fmt/core.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/log.hpp"
#include "takt/core/thread_names.hpp"

namespace takt::async::internal {
namespace {

cpu_set_t cpus_now() noexcept {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  sched_getaffinity(0, sizeof(cpus), &cpus);
  return cpus;
}

const cpu_set_t kCpusAtStart = cpus_now();  // before main() pins itself

/// The calling thread blocks every signal for a block, and so does a thread that is made in it.
class BlockSignals {
 public:
  BlockSignals() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  BlockSignals(const BlockSignals&) = delete;
  BlockSignals& operator=(const BlockSignals&) = delete;
  ~BlockSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

void become_ordinary() noexcept {
  const int policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
  if (policy == SCHED_FIFO || policy == SCHED_RR) {
    const sched_param parameters{};
    sched_setscheduler(0, SCHED_OTHER, &parameters);
  }
  sched_setaffinity(0, sizeof(kCpusAtStart), &kCpusAtStart);  // refused where the CPUs are gone: then as inherited
}

void warn_if(bool refused, const std::string& thread, const std::string& what, const char* advice) {
  if (refused) {
    core::log(core::LogLevel::kWarning,
              fmt::format("thread '{}' does without {} ({}): {}", thread, what, std::strerror(errno), advice));
  }
}

}  // namespace

std::thread start_worker(std::string name, std::move_only_function<void()> body) {
  const std::string label = name;
  try {
    const BlockSignals blocked;
    return std::thread([name = std::move(name), body = std::move(body)]() mutable {
      core::set_current_thread_name(name);
      become_ordinary();
      body();
    });
  } catch (const std::system_error& error) {
    throw SystemError("thread '" + label + "' cannot be made", error.code().value());
  }
}

void apply_scheduling(const Scheduling& wanted, const std::string& thread) {
  if (wanted.cpu >= 0) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(static_cast<std::size_t>(wanted.cpu), &cpus);
    warn_if(sched_setaffinity(0, sizeof(cpus), &cpus) != 0, thread, fmt::format("CPU {}", wanted.cpu),
            "is it there, and in the process's cpuset?");
  }
  if (wanted.nice != 0) {
    warn_if(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), wanted.nice) != 0, thread,
            fmt::format("nice {}", wanted.nice), "raise `nice` in /etc/security/limits.conf");
  }
  if (wanted.fifo_priority != 0) {
    const sched_param parameters{.sched_priority = wanted.fifo_priority};
    warn_if(sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters) != 0, thread,
            fmt::format("SCHED_FIFO {}", wanted.fifo_priority), "raise `rtprio` in /etc/security/limits.conf");
  }
}

}  // namespace takt::async::internal
