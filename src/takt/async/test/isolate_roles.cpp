#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <semaphore>
#include <thread>

#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/async/test/isolate_helpers.hpp"
#include "takt/async/zygote.hpp"
#include "takt/core/thread_names.hpp"

namespace takt::async {

using namespace internal;
namespace {

void print(const std::string& text) {
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

/// What a child may be doing when its program dies.
const std::map<std::string, Dispatcher>& occupations() {
  static const std::map<std::string, Dispatcher> all{
      {"idle", [](ServedCall&) -> std::size_t { return 0; }},
      {"spinning",
       [](ServedCall&) -> std::size_t {
         sigset_t every;
         sigfillset(&every);
         sigprocmask(SIG_SETMASK, &every, nullptr);
         volatile unsigned turns = 0;
         while (true) {
           turns = turns + 1;
         }
       }},
      {"sleeping",
       [](ServedCall&) -> std::size_t {
         while (true) {
           pause();
         }
       }},
      {"stopped",
       [](ServedCall&) -> std::size_t {
         raise(SIGSTOP);
         return 0;
       }},
  };
  return all;
}

/// Prints the zygote's and the child's process ids, then waits for its death.
int be_victim(const std::string& occupation) {
  Zygote zygote;
  IsolatedProcess child({.name = occupation});
  (void)call_raw(child, occupations().at("idle"));  // now it is up
  print(std::to_string(zygote.process()));
  print(std::to_string(child.process()));
  child.submit(RequestKind::kCall, occupations().at(occupation), nullptr, 0);
  print("ready");
  while (true) {
    pause();
  }
}

int be_late() {
  std::binary_semaphore named{0};
  std::binary_semaphore done{0};
  std::jthread camera([&] {
    core::set_current_thread_name("camera");
    named.release();
    done.acquire();
  });
  named.acquire();
  try {
    const Zygote zygote;
  } catch (const LogicError& error) {
    print(error.what());
  }
  done.release();
  return 0;
}

int lose_zygote() {
  Zygote zygote;
  IsolatedProcess child({.name = "orphan"});
  (void)call_raw(child, occupations().at("idle"));
  const core::FileDescriptor watched_child = watch_process(child.process());
  const core::FileDescriptor watched_zygote = watch_process(zygote.process());
  kill(zygote.process(), SIGKILL);
  print(describe(wait_for_end(child)));
  print(ends(watched_child) && ends(watched_zygote) ? "child ended" : "child lives");
  try {
    const IsolatedProcess next({.name = "next"});
  } catch (const SystemError& error) {
    print(error.what());
  }
  return 0;
}

/// Exits as programs do that forget about their children.
int exit_early() {
  const Zygote zygote;
  IsolatedProcess child({.name = "left"});
  (void)call_raw(child, occupations().at("idle"));
  print(std::to_string(zygote.process()));
  print(std::to_string(child.process()));
  std::_Exit(0);
}

/// A process of that number, which must be free; it waits for its end. −1 when the system refuses.
pid_t start_as(pid_t number) {
  const pid_t program = getpid();
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<std::uintptr_t>(&number);
  arguments.set_tid_size = 1;
  const auto process = static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof(arguments)));
  if (process == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (getppid() == program) {  // else it died before we asked to be told
      pause();
    }
    _exit(0);
  }
  return process;
}

/// Reaps its zygote, as programs do that wait for any child, and gives its number to another process.
int reap_zygote() {
  pid_t other = -1;
  {
    const Zygote zygote;
    kill(zygote.process(), SIGKILL);
    waitpid(-1, nullptr, 0);
    other = start_as(zygote.process());
  }
  if (other < 0) {
    print("no such number");
    return 0;
  }
  siginfo_t end{};
  const bool lives = waitid(P_PID, static_cast<id_t>(other), &end, WEXITED | WNOHANG | WNOWAIT) == 0 && end.si_pid == 0;
  if (lives) {
    kill(other, SIGKILL);  // before we say anything: who hears it ends us
    waitpid(other, nullptr, 0);
  }
  print(lives ? "the other lives" : "the other was killed");
  return 0;
}

int have_no_zygote() {
  try {
    const IsolatedProcess child({.name = "policy"});
  } catch (const LogicError& error) {
    print(error.what());
  }
  return 0;
}

}  // namespace

std::optional<int> run_role(const std::vector<std::string>& arguments) {
  if (arguments.empty() || !arguments[0].starts_with("role:")) {
    return std::nullopt;
  }
  const std::string& role = arguments[0];
  if (role == "role:victim") {
    return be_victim(arguments.at(1));
  }
  if (role == "role:late") {
    return be_late();
  }
  if (role == "role:lose_zygote") {
    return lose_zygote();
  }
  if (role == "role:exit_early") {
    return exit_early();
  }
  if (role == "role:reap_zygote") {
    return reap_zygote();
  }
  return have_no_zygote();
}

}  // namespace takt::async
