#pragma once

#include <cstdint>
#include <string>

#include "takt/async/tasks/internal/io_watch.hpp"
#include "takt/async/tasks/internal/outside_wait.hpp"
#include "takt/async/tasks/wait.hpp"

namespace takt::async {

/// A wait until a file descriptor can be read or written. From readable and writable.
class Readiness final : public Awaitable<Readiness>, private internal::IoWatch {
 public:
  enum class Direction : std::uint8_t { kRead, kWrite };

  Readiness(int descriptor, Direction direction) noexcept : descriptor_(descriptor), direction_(direction) {}
  Readiness(Readiness&& idle) noexcept : Readiness(idle.descriptor_, idle.direction_) {}

  [[nodiscard]] static bool try_complete() noexcept { return false; }
  void arm();
  void result() const noexcept {}
  [[nodiscard]] std::string describe() const override;

 private:
  void ready(std::uint32_t events) noexcept override;
  bool withdraw() noexcept override;

  int descriptor_;
  Direction direction_;
  internal::OutsideWait outside_;
};

/// Waits until a read(2) of the descriptor would not block:
///
///   co_await readable(socket);
///   const ssize_t count = read(socket, …);       // a descriptor in non-blocking mode: it may still say EAGAIN
///
/// One shot. Lets the other ready tasks run once at least, also when it is ready already. Hang-up and error end the
/// wait as well: the read says which. Regular files are always ready. Several tasks may wait for one descriptor; all of
/// them wake. The descriptor stays the caller's, who keeps it open for as long as somebody waits: a wait on one that
/// was closed meanwhile does not end by itself. Cancellation: Cancelled, at once, nothing was read.
///
/// For pipes, devices and eventfds; sockets and serial ports are more comfortable through the Asio adapter.
///
/// @throws SystemError  from co_await, naming the descriptor, when it is not an open one
[[nodiscard]] inline Readiness readable(int descriptor) noexcept {
  return {descriptor, Readiness::Direction::kRead};
}
/// Waits until a write(2) of the descriptor would not block. All else as readable().
[[nodiscard]] inline Readiness writable(int descriptor) noexcept {
  return {descriptor, Readiness::Direction::kWrite};
}

}  // namespace takt::async
