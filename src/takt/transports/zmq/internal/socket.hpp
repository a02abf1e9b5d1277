#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <zmq.hpp>

#include "takt/bus/transport.hpp"
#include "takt/transports/zmq/internal/curve.hpp"
#include "takt/transports/zmq/zmq_transport.hpp"

namespace takt::zmq::internal {

/// @throws LogicError when it is neither "tcp://host:port" nor "ipc://path"
void check_address(const std::string& address);

/// The options as they are used: with the keys that a connector makes. @throws as open_zmq, for what cannot be
[[nodiscard]] ZmqOptions checked(const ZmqOptions& options);

/// What was sent last has so long to leave before its connection is closed.
inline constexpr int kLinger_ms = 200;

/// Where to look for what came.
enum Look : unsigned { kMessages = 1U, kEvents = 2U, kDoor = 4U, kEverywhere = 7U };

/// What ZeroMQ says of the connections.
struct ConnectionEvent {
  enum class Kind : std::uint8_t { kAccepted, kBegun, kEnded, kRefused };
  Kind kind{Kind::kEnded};
  int connection{-1};   ///< of kAccepted and kEnded; others have the number afterwards
  std::string address;  ///< of kAccepted: of the host that it came from; "" of this one, over ipc
  std::string text;     ///< of kRefused: where, and ZeroMQ's numbers
};

/// The socket of a transport, ROUTER or DEALER, and what watches it. None of it blocks. One thread at a time: who has
/// it holds the transport's lock.
class Socket {
 public:
  using Frames = std::vector<::zmq::message_t>;

  /// @param process  the process number, which is also the routing id
  /// @throws SystemError when ZeroMQ refuses
  /// @pre the options are checked
  Socket(const ZmqOptions& options, std::uint64_t process);

  /// A frame of two parts to one process; of a connector, to the binder whatever it says. @return false when it cannot
  /// be reached, or does not read: it is as good as gone
  [[nodiscard]] bool send(std::uint64_t to, bus::Bytes header, bus::Bytes payload);
  /// The payload as a frame of its own, which is not copied.
  [[nodiscard]] bool send(std::uint64_t to, bus::Bytes header, ::zmq::message_t payload);

  /// The frames of a message, and at the binder who sent it, where that is a process.
  [[nodiscard]] bool receive(Frames& frames, std::optional<std::uint64_t>& from);
  [[nodiscard]] std::optional<ConnectionEvent> receive_event();
  void answer_door();

  /// To wait for: readable when something may have come; in the order of the bits of Look, -1 for none. These are
  /// edges: a socket is to be received from until it has nothing, and any other use of it may swallow one.
  [[nodiscard]] std::array<int, 3> descriptors() const;
  /// Something came and its edge may be gone: whoever used the socket tells the thread that receives.
  [[nodiscard]] bool is_ready() const;

 private:
  void set_up(const ZmqOptions& options);
  [[nodiscard]] bool send_frames(std::uint64_t to, std::span<::zmq::message_t> frames);

  const bool binds_;
  const std::uint64_t process_;
  ::zmq::context_t context_;
  std::optional<Doorman> doorman_;
  ::zmq::socket_t socket_;
  ::zmq::socket_t monitor_;
};

}  // namespace takt::zmq::internal
