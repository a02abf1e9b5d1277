#include "takt/async/zygote.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <iterator>
#include <span>
#include <string>
#include <utility>

#include <dlfcn.h>
#include <link.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/async/internal/zygote_messages.hpp"
#include "takt/async/internal/zygote_process.hpp"
#include "takt/core/error.hpp"
#include "takt/core/sanitizers.hpp"
#include "takt/core/thread_names.hpp"

namespace takt::async {
namespace {

std::atomic<Zygote*> current_zygote{nullptr};

/// The thread sanitizer runs one of its own, and looks after it in a fork.
constexpr std::size_t kForeignThreads = TAKT_THREAD_SANITIZER;

void check_single_thread() {
  const std::vector<std::string> names = core::thread_names();  // empty without /proc: then we cannot know
  if (names.size() <= 1 + kForeignThreads) {
    return;
  }
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  throw LogicError("Zygote: the process has " + std::to_string(names.size()) + " threads already (" + text +
                   "); construct the Zygote in the first line of main, before anything starts a thread");
}

/// Or every child would write again what the program had buffered.
void flush_output() {
  std::cout.flush();
  std::fflush(nullptr);
}

}  // namespace

std::vector<Zygote::CodeRange> Zygote::mapped_code() {
  std::vector<CodeRange> ranges;
  const auto collect = [](dl_phdr_info* object, std::size_t, void* result) {
    for (const auto& segment : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
      if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) {
        const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
        static_cast<std::vector<CodeRange>*>(result)->push_back({begin, begin + segment.p_memsz});
      }
    }
    return 0;
  };
  dl_iterate_phdr(collect, &ranges);
  std::ranges::sort(ranges, {}, &CodeRange::begin);
  return ranges;
}

Zygote::Zygote() : code_(mapped_code()) {
  if (current_zygote.load() != nullptr) {
    throw LogicError("Zygote: the process has one already; construct one, in the first line of main");
  }
  check_single_thread();
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw SystemError("Zygote: cannot make its socket", errno);
  }
  control_ = core::FileDescriptor(ends[0]);
  const core::FileDescriptor theirs(ends[1]);
  flush_output();
  const pid_t self = getpid();
  process_ = fork();
  if (process_ < 0) {
    throw SystemError("Zygote: cannot fork", errno);
  }
  if (process_ == 0) {
    internal::run_zygote_process(theirs.get(), self);
  }
  handle_ = core::FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, process_, 0)));
  if (!handle_) {
    throw SystemError("Zygote: cannot hold process " + std::to_string(process_), errno);  // which ends with its socket
  }
  current_zygote.store(this);
}

Zygote::~Zygote() {
  current_zygote.store(nullptr);
  syscall(SYS_pidfd_send_signal, handle_.get(), SIGKILL, nullptr, 0);
  siginfo_t end{};
  while (waitid(P_PIDFD, static_cast<id_t>(handle_.get()), &end, WEXITED) < 0 && errno == EINTR) {
  }
}

Zygote& Zygote::current() {
  Zygote* zygote = current_zygote.load();
  if (zygote == nullptr) {
    throw LogicError(
        "isolate: the program has no Zygote to fork children from; write `takt::async::Zygote zygote;` in the first "
        "line of main (an isolated object itself cannot isolate)");
  }
  return *zygote;
}

void Zygote::start(const internal::StartOrder& order, int memory, int bell, int life) {
  const std::array<int, internal::kStartDescriptors> descriptors{memory, bell, life};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(descriptors))> control{};
  iovec bytes{const_cast<internal::StartOrder*>(&order), sizeof(order)};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof(descriptors));
  std::memcpy(CMSG_DATA(part), descriptors.data(), sizeof(descriptors));
  while (sendmsg(control_.get(), &message, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) {
      throw SystemError("isolate: the zygote process " + std::to_string(process_) + " takes no orders; it has ended",
                        errno);
    }
  }
}

bool Zygote::knows(const void* address) const noexcept {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  const auto after = std::ranges::upper_bound(code_, wanted, {}, &CodeRange::begin);
  return after != code_.begin() && wanted < std::prev(after)->end;
}

void Zygote::check_known(const void* address) const {
  if (knows(address)) {
    return;
  }
  Dl_info info{};
  const bool found = dladdr(address, &info) != 0;
  const std::string function = found && info.dli_sname != nullptr ? info.dli_sname : "a function without a name";
  const std::string library = found && info.dli_fname != nullptr ? info.dli_fname : "memory that is no library's";
  throw LogicError("isolate: " + function + " in " + library +
                   " was not loaded when the Zygote was constructed, so no child has it; link the library, or load it "
                   "before the Zygote");
}

}  // namespace takt::async
