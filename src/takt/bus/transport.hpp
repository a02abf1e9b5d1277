#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "takt/bus/qos.hpp"
#include "takt/core/error.hpp"
#include "takt/core/time.hpp"

/// What carries a bus beyond its process. Drawn once for all that plug in: DDS, ZeroMQ, UDP, shared memory.
///
/// Bytes in, bytes out: a transport knows names, types by name and hash, and quality of service, never a C++ type.
/// Callbacks run on the transport's own receive thread, one at a time per endpoint; they may publish, but must not
/// destroy the endpoint that calls them. Destroying an endpoint returns when its callback has returned.
namespace takt::bus {

/// The bytes of one message, valid during the call that hands them over.
using Bytes = std::span<const std::byte>;

/// What two ends must agree on.
struct TypeId {
  std::string name;                     ///< "sensor_msgs/msg/JointState"
  std::array<std::uint8_t, 32> hash{};  ///< RIHS01; all zero when unknown, which matches every hash
  friend bool operator==(const TypeId&, const TypeId&) = default;
};

/// What a transport can do; one that cannot says so here and throws LogicError when asked all the same.
enum class Capability : std::uint32_t {
  kPublishSubscribe = 1U << 0U,
  kRequestReply = 1U << 1U,
  kMatchedEvents = 1U << 2U,  ///< endpoints learn when the other side appears and leaves
  kGraph = 1U << 3U,          ///< all endpoints of all processes can be listed
  kReliable = 1U << 4U,
  kTransientLocal = 1U << 5U,
  kDeadline = 1U << 6U,
  kLifespan = 1U << 7U,
  kEncrypted = 1U << 8U,
  kMulticast = 1U << 9U,
};
using Capabilities = std::uint32_t;

[[nodiscard]] constexpr bool has(Capabilities capabilities, Capability one) noexcept {
  return (capabilities & static_cast<std::uint32_t>(one)) != 0;
}

/// What comes with a message.
struct MessageInfo {
  core::Nanoseconds received_ns{0};       ///< CLOCK_MONOTONIC of this host
  core::Nanoseconds source_wall_ns{0};    ///< the sender's wall clock; 0 when the transport carries none
  std::array<std::uint8_t, 16> sender{};  ///< identifies the sending endpoint while it lives
  std::uint64_t sequence{0};              ///< the sender's count; 0 when the transport carries none
};

/// How many endpoints of the other side match now, and how many ever did.
struct Matched {
  std::size_t current{0};
  std::size_t total{0};
};

/// Why sending did not happen; a normal outcome.
enum class SendError : std::uint8_t {
  kWouldBlock,  ///< the transport's own buffer is full; wait for on_writable
  kTooLarge,    ///< more than the transport carries in one message
  kClosed,
};

/// Why a request has no reply.
enum class RequestError : std::uint8_t {
  kTimeout,
  kNoServer,        ///< nobody serves that name now
  kServerVanished,  ///< it did when the request was sent
  kClosed,
};

/// Names one request among all of all clients.
struct RequestId {
  std::array<std::uint8_t, 16> client{};
  std::int64_t sequence{0};
  friend bool operator==(const RequestId&, const RequestId&) = default;
};

/// An endpoint's events. Empty functions are not called.
struct EndpointEvents {
  std::function<void(const Matched&)> on_matched;
  std::function<void()> on_deadline_missed;
  std::function<void()> on_writable;  ///< after kWouldBlock: trying again is worth it
  std::function<void(const std::string& reason)>
      on_incompatible;  ///< a peer of this name with another type or QoS: names both ends
};

class TransportPublisher {
 public:
  virtual ~TransportPublisher() = default;
  /// Hands the bytes over without blocking. Any thread, one at a time.
  [[nodiscard]] virtual Expected<void, SendError> publish(Bytes bytes) = 0;
  [[nodiscard]] virtual Matched matched() const = 0;
};

class TransportSubscription {
 public:
  virtual ~TransportSubscription() = default;
  [[nodiscard]] virtual Matched matched() const = 0;
  /// Messages lost on the way or dropped because nobody took them in time.
  [[nodiscard]] virtual std::uint64_t lost() const = 0;
};

class TransportClient {
 public:
  virtual ~TransportClient() = default;
  using OnReply = std::function<void(Expected<Bytes, RequestError>)>;
  /// Sends a request; `on_reply` is called once, on the receive thread, with the reply or the reason why there is none.
  [[nodiscard]] virtual Expected<RequestId, SendError> request(Bytes bytes, core::Nanoseconds timeout_ns,
                                                               OnReply on_reply) = 0;
  /// Forgets a request: its on_reply is not called after this returns, unless it is running on the calling thread.
  virtual void cancel(const RequestId& id) noexcept = 0;
  [[nodiscard]] virtual Matched matched() const = 0;
};

class TransportServer {
 public:
  virtual ~TransportServer() = default;
  /// Answers a request, from any thread, at any later time, once.
  [[nodiscard]] virtual Expected<void, SendError> reply(const RequestId& id, Bytes bytes) = 0;
  [[nodiscard]] virtual Matched matched() const = 0;
};

/// One endpoint of some process, as discovery shows it.
struct EndpointInfo {
  enum class Kind : std::uint8_t { kPublisher, kSubscription, kClient, kServer };
  Kind kind{Kind::kPublisher};
  std::string node;
  std::string name;
  TypeId type;
  Qos qos;
};

class Transport {
 public:
  virtual ~Transport() = default;

  /// "dds", "zmq+tcp" …: the scheme of its URI.
  [[nodiscard]] virtual std::string scheme() const = 0;
  [[nodiscard]] virtual Capabilities capabilities() const noexcept = 0;

  using OnMessage = std::function<void(Bytes, const MessageInfo&)>;
  using OnRequest = std::function<void(const RequestId&, Bytes, const MessageInfo&)>;

  /// Endpoints. `name` is a topic or service name as on the Bus; the transport maps it to its own. They end with the
  /// returned object and must not outlive the transport. @throws LogicError for a capability it lacks, SystemError when
  /// it fails.
  [[nodiscard]] virtual std::unique_ptr<TransportPublisher> advertise(const std::string& name, const TypeId& type,
                                                                      const Qos& qos, EndpointEvents events) = 0;
  [[nodiscard]] virtual std::unique_ptr<TransportSubscription> subscribe(const std::string& name, const TypeId& type,
                                                                         const Qos& qos, OnMessage on_message,
                                                                         EndpointEvents events) = 0;
  [[nodiscard]] virtual std::unique_ptr<TransportClient> client(const std::string& name, const TypeId& request,
                                                                const TypeId& reply, EndpointEvents events) = 0;
  [[nodiscard]] virtual std::unique_ptr<TransportServer> serve(const std::string& name, const TypeId& request,
                                                               const TypeId& reply, OnRequest on_request,
                                                               EndpointEvents events) = 0;

  /// All endpoints known now, this process's own included.
  [[nodiscard]] virtual std::vector<EndpointInfo> graph() const = 0;

  /// Calls `on_change` on the receive thread whenever graph() would answer differently. Replaces an earlier one; empty
  /// ends it.
  virtual void watch_graph(std::function<void()> on_change) = 0;
};

}  // namespace takt::bus
