#include "takt/async/internal/isolated_process.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/async/internal/zygote_messages.hpp"
#include "takt/async/zygote.hpp"
#include "takt/core/error.hpp"
#include "takt/core/file_descriptor.hpp"

namespace takt::async::internal {
namespace {

/// More is a mistake, and near the end of the numbers the sizes made of it would wrap.
constexpr std::size_t kMostMessageBytes = std::size_t{1} << 40;

IsolateOptions checked(IsolateOptions options) {
  if (options.max_message_bytes == 0 || options.max_message_bytes > kMostMessageBytes || options.name.empty()) {
    throw LogicError("isolate '" + options.name + "': needs a name and max_message_bytes from 1 to " +
                     std::to_string(kMostMessageBytes) + ", which is " + std::to_string(options.max_message_bytes));
  }
  return options;
}

/// Our end of the life socket, and the zygote's.
std::pair<core::FileDescriptor, core::FileDescriptor> make_life() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw SystemError("isolate: cannot make a socket", errno);
  }
  return {core::FileDescriptor(ends[0]), core::FileDescriptor(ends[1])};
}

core::FileDescriptor make_bell() {
  core::FileDescriptor bell(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!bell) {
    throw SystemError("isolate: cannot make an eventfd", errno);
  }
  return bell;
}

ProcessEnd end_of(const LifeMessage& message) noexcept {
  if (message.kind == LifeMessage::Kind::kNotStarted) {
    return {ProcessEnd::Kind::kNotStarted, message.value};
  }
  return WIFSIGNALED(message.value) ? ProcessEnd{ProcessEnd::Kind::kKilled, WTERMSIG(message.value)}
                                    : ProcessEnd{ProcessEnd::Kind::kExited, WEXITSTATUS(message.value)};
}

StartOrder order_for(const IsolateOptions& options) noexcept {
  StartOrder order{.area_bytes = options.max_message_bytes, .core_dump = options.core_dump};
  const std::string name = "iso." + options.name;
  name.copy(order.name.data(), order.name.size() - 1);
  return order;
}

}  // namespace

struct IsolatedProcess::Impl {
  explicit Impl(IsolateOptions checked_options, core::FileDescriptor memory)
      : options(std::move(checked_options)),
        zygote(Zygote::current()),
        segment(memory.get(), options.max_message_bytes),
        bell(make_bell()) {
    auto [ours, theirs] = make_life();
    zygote.start(order_for(options), memory.get(), bell.get(), theirs.get());
    life = std::move(ours);
  }

  IsolateOptions options;
  Zygote& zygote;
  Segment segment;
  core::FileDescriptor bell;
  core::FileDescriptor life;
  std::uint32_t submitted{0};
  bool busy{false};
  std::optional<ProcessEnd> end;
  std::optional<std::chrono::nanoseconds> hung_for;

  [[nodiscard]] pid_t process() const noexcept { return segment.header().process.load(std::memory_order_relaxed); }
  [[nodiscard]] bool answered() const noexcept {
    return segment.header().reply_number.load(std::memory_order_acquire) == submitted;
  }

  [[noreturn]] void throw_end() const {
    if (hung_for) {
      throw ChildHung(options.name, process(), *hung_for);
    }
    throw ChildCrashed(options.name, process(), end.value_or(ProcessEnd{}));
  }

  void check_ready() const {
    if (end || hung_for) {
      throw_end();
    }
    if (busy) {
      throw LogicError("isolate '" + options.name + "': a call was submitted while another one runs");
    }
  }
};

IsolatedProcess::IsolatedProcess(IsolateOptions options) {
  options = checked(std::move(options));
  (void)Zygote::current();  // before any resource: its absence is the commoner error
  core::FileDescriptor memory(make_segment_file(options.max_message_bytes));
  impl_ = std::make_unique<Impl>(std::move(options), std::move(memory));
}

IsolatedProcess::~IsolatedProcess() = default;  // closing the life socket is the order to kill

std::span<std::byte> IsolatedProcess::request_area() const {
  impl_->check_ready();
  return impl_->segment.request_area();
}

void IsolatedProcess::submit(RequestKind kind, Dispatcher dispatcher, const void* target, std::size_t bytes) {
  impl_->check_ready();
  const auto* code = reinterpret_cast<const void*>(dispatcher);
  impl_->zygote.check_known(code);
  if (target != nullptr) {
    impl_->zygote.check_known(target);
  }
  SegmentHeader& header = impl_->segment.header();
  header.request_kind = kind;
  header.dispatcher = reinterpret_cast<std::uintptr_t>(code);
  header.target = reinterpret_cast<std::uintptr_t>(target);
  header.request_bytes = bytes;
  impl_->busy = true;
  header.request_number.store(++impl_->submitted, std::memory_order_release);
  syscall(SYS_futex, &header.request_number, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

std::optional<Reply> IsolatedProcess::try_collect() {
  std::uint64_t rings = 0;
  (void)!read(impl_->bell.get(), &rings, sizeof(rings));  // the number below says more than the bell
  // An answer counts even if the child ended right after it, so it is looked for again once the end is known.
  if (!impl_->busy || (!impl_->answered() && !(try_end() && impl_->answered()))) {
    if (impl_->end || impl_->hung_for) {
      impl_->throw_end();
    }
    return std::nullopt;
  }
  impl_->busy = false;
  const SegmentHeader& header = impl_->segment.header();
  const std::span<const std::byte> area = impl_->segment.reply_area();
  const Reply reply{header.reply_kind, area};
  const std::uint64_t bytes = header.reply_bytes;
  if (bytes > area.size() || reply.kind > ReplyKind::kRefused) {
    throw Error("isolate '" + impl_->options.name + "': the child says it answered with " + std::to_string(bytes) +
                " bytes of kind " + std::to_string(static_cast<std::uint32_t>(reply.kind)) + "; its memory is damaged");
  }
  return Reply{reply.kind, area.first(bytes)};
}

std::optional<ProcessEnd> IsolatedProcess::try_end() {
  if (impl_->end) {
    return impl_->end;
  }
  if (const int signal = impl_->segment.header().crash.load(std::memory_order_acquire); signal != 0) {
    impl_->end = ProcessEnd{ProcessEnd::Kind::kKilled, signal};
    return impl_->end;
  }
  LifeMessage message;
  const ssize_t received = recv(impl_->life.get(), &message, sizeof(message), MSG_DONTWAIT);
  if (received == sizeof(message)) {
    impl_->end = end_of(message);
  } else if (received >= 0 || (errno != EAGAIN && errno != EINTR)) {
    impl_->end = ProcessEnd{ProcessEnd::Kind::kLost, 0};
  }
  return impl_->end;
}

void IsolatedProcess::kill() noexcept {
  shutdown(impl_->life.get(), SHUT_WR);
}

void IsolatedProcess::give_up(std::chrono::nanoseconds waited) {
  kill();
  impl_->hung_for = waited;
  impl_->throw_end();
}

bool IsolatedProcess::busy() const noexcept {
  return impl_->busy;
}

int IsolatedProcess::reply_bell() const noexcept {
  return impl_->bell.get();
}

int IsolatedProcess::life() const noexcept {
  return impl_->life.get();
}

pid_t IsolatedProcess::process() const noexcept {
  return impl_->process();
}

const IsolateOptions& IsolatedProcess::options() const noexcept {
  return impl_->options;
}

}  // namespace takt::async::internal
