#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <zmq.hpp>

#include "takt/bus/transport.hpp"
#include "takt/transports/zmq/zmq_transport.hpp"

namespace takt::zmq::internal {

/// "tcp://host:P" of channel 0, P + 1 of channel 1 …; "ipc://path", "ipc://path.in", "ipc://path.ask".
/// @throws LogicError when it is neither
[[nodiscard]] std::string address_of(const std::string& address, std::size_t channel);

/// What came of sending.
enum class Sent : std::uint8_t { kYes, kFull, kUnreachable };

/// The three sockets of a transport and what watches them. None of it blocks. One thread at a time: who has it holds
/// the transport's lock.
class Sockets {
 public:
  using Frames = std::vector<::zmq::message_t>;

  /// @param process  the process number, which is also the routing id
  Sockets(const ZmqOptions& options, std::uint64_t process);

  void subscribe(std::string_view what) { subscriber_.set(::zmq::sockopt::subscribe, what); }
  void unsubscribe(std::string_view what) { subscriber_.set(::zmq::sockopt::unsubscribe, what); }

  /// To all who subscribe to a beginning of `to`. @param sure  kFull rather than losing it for a slow one
  [[nodiscard]] Sent publish(std::string_view to, bus::Bytes header, const ::zmq::message_t& payload, bool sure);

  /// To one process, on the channel for requests.
  [[nodiscard]] Sent ask(std::uint64_t process, bus::Bytes header, const ::zmq::message_t& payload);

  /// What others began or ceased to subscribe to: the first byte says 1 or 0.
  [[nodiscard]] std::optional<::zmq::message_t> receive_subscription();
  /// The frames of a published message.
  [[nodiscard]] bool receive_published(Frames& frames) { return receive(subscriber_, frames); }
  /// The frames of what came on the channel for requests, and who sent it, where that is known.
  [[nodiscard]] bool receive_asked(Frames& frames, std::optional<std::uint64_t>& from);
  /// Why a connection did not come about, or ended before it began: keys that do not fit.
  [[nodiscard]] std::optional<std::string> receive_refusal();

  /// To wait for: readable when something may have come. These are edges, and any use of a socket may swallow one: who
  /// sends looks whether something is ready then, and tells the thread that receives.
  [[nodiscard]] std::array<int, 4> descriptors() const;
  [[nodiscard]] bool ready() const;
  [[nodiscard]] bool ready_after_publish() const { return is_ready(publisher_); }
  [[nodiscard]] bool ready_after_ask() const { return is_ready(asker_); }

 private:
  void set_up(::zmq::socket_t& socket, const ZmqOptions& options) const;
  void open(::zmq::socket_t& socket, const ZmqOptions& options, std::size_t channel);
  [[nodiscard]] static bool receive(::zmq::socket_t& socket, Frames& frames);
  [[nodiscard]] static bool is_ready(const ::zmq::socket_t& socket);

  const bool binds_;
  const std::uint64_t process_;
  bool sure_{false};  // as publisher_ is set now
  ::zmq::context_t context_;
  ::zmq::socket_t publisher_;
  ::zmq::socket_t subscriber_;
  ::zmq::socket_t asker_;
  ::zmq::socket_t monitor_;
};

}  // namespace takt::zmq::internal
