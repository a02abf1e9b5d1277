#pragma once

#include <array>
#include <atomic>
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

/// What carries a bus beyond its process: drawn once for all that plug in, DDS, ZeroMQ, UDP and memory.
///
/// Bytes in, bytes out: a transport knows names, types by name and hash, and quality of service, never a C++ type. It
/// carries between buses only: endpoints of one Transport object do not hear each other, in one process the Bus does
/// that by reference.
///
/// **What arrives is taken, not pushed.** A transport keeps what came, as much as the quality of service asks for, and
/// says so with an event; whoever reads takes it, when and on which thread it likes. So a slow reader presses back into
/// the middleware's own history, and a reader in a hurry takes inside the event, on the receive thread
/// (docs/design/0010-what-arrives-is-taken.md).
///
/// Events run on the transport's own threads, one at a time per endpoint; on_data also on the thread that asks for the
/// endpoint, before it is returned, when something lies there already. They must not block, and must not destroy the
/// endpoint that calls them. Destroying an endpoint returns when its event has returned; so who destroys must not hold
/// what an event waits for. Endpoints must not outlive their transport.
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
  kWouldBlock,  ///< no room now, or a client's reply side is not discovered yet: on_writable, or try again after a
                ///< while
  kTooLarge,    ///< more than the transport carries in one message
  kNoPeer,      ///< the client that asked has gone
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
  std::function<void()> on_data;  ///< take() gives something now; called again only after take() gave false
  std::function<void(const Matched&)> on_matched;
  std::function<void()> on_deadline_missed;
  std::function<void()> on_writable;  ///< after kWouldBlock: trying again is worth it. Not every transport can tell
  std::function<void(const std::string& reason)>
      on_incompatible;  ///< a peer of this name with another type or QoS: names both ends
  /// Counted up as soon as matched() shows more or fewer, before on_matched has its turn. Shared with who reads it.
  std::shared_ptr<std::atomic<std::uint64_t>> matches{};
};

/// What gets the bytes of one message. They are valid during the call; it must not throw, nor take again.
using OnMessage = std::function<void(Bytes, const MessageInfo&)>;
using OnRequest = std::function<void(const RequestId&, Bytes, const MessageInfo&)>;

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
  /// Gives the oldest message that was not taken yet to `visit`, on the calling thread. False, and no call, when there
  /// is none: on_data tells when there is again. Any thread, one at a time. Never blocks.
  [[nodiscard]] virtual bool take(const OnMessage& visit) = 0;
  [[nodiscard]] virtual Matched matched() const = 0;
  /// Messages lost on the way, or overwritten because nobody took them in time, as far as the transport can tell.
  [[nodiscard]] virtual std::uint64_t lost() const = 0;
};

class TransportClient {
 public:
  virtual ~TransportClient() = default;
  /// Sends a request, without waiting for anything. kWouldBlock before a server is matched. Any thread, one at a time.
  [[nodiscard]] virtual Expected<RequestId, SendError> request(Bytes bytes) = 0;
  /// The oldest reply not taken yet, to a request of this client: as TransportSubscription::take. What is not waited
  /// for any more comes all the same; the caller drops it.
  [[nodiscard]] virtual bool take(const OnRequest& visit) = 0;
  /// Servers that a request and its reply can reach. 0 after it was more: the servers have gone.
  [[nodiscard]] virtual Matched matched() const = 0;
  /// Nobody who was asked a request of a lower RequestId::sequence is there any more: what came of replies is all. It
  /// grows only, and on_matched comes when it did. Any thread.
  [[nodiscard]] virtual std::int64_t lost_before() const = 0;
};

class TransportServer {
 public:
  virtual ~TransportServer() = default;
  /// The oldest request not taken yet: as TransportSubscription::take.
  [[nodiscard]] virtual bool take(const OnRequest& visit) = 0;
  /// Answers a request that was taken, from any thread, at any later time, once; again after kWouldBlock. Never blocks.
  [[nodiscard]] virtual Expected<void, SendError> reply(const RequestId& id, Bytes bytes) = 0;
  [[nodiscard]] virtual Matched matched() const = 0;
};

/// What an endpoint of a topic is asked for.
struct TopicEndpoint {
  std::string name;  ///< as on the Bus: "/leader/state"
  TypeId type;
  Qos qos;
  std::string node;  ///< fully qualified name of its node, "/ns/talker", as given to add_node; empty: none
};

/// What an endpoint of a service is asked for.
struct ServiceEndpoint {
  std::string name;
  TypeId request;  ///< "std_srvs/srv/SetBool_Request"
  TypeId reply;    ///< "std_srvs/srv/SetBool_Response"
  Qos qos;
  std::string node;
};

/// One endpoint of some process, as discovery shows it.
struct EndpointInfo {
  enum class Kind : std::uint8_t { kPublisher, kSubscription, kClient, kServer };
  Kind kind{Kind::kPublisher};
  std::string node;  ///< fully qualified; empty when nobody said
  std::string name;
  TypeId type;  ///< of a service: "std_srvs/srv/SetBool", its hash unknown
  Qos qos;
  std::array<std::uint8_t, 16> id{};  ///< MessageInfo::sender of what it sends
};

struct NodeInfo {
  std::string name;  ///< fully qualified
  std::string enclave{"/"};
};

/// Everything of every process, as far as discovery has it. Nodes and endpoints of this transport object included.
struct Graph {
  std::vector<NodeInfo> nodes;
  std::vector<EndpointInfo> endpoints;
};

class Transport {
 public:
  virtual ~Transport() = default;

  /// "dds", "zmq+tcp" …: the scheme of its URI.
  [[nodiscard]] virtual std::string scheme() const = 0;
  [[nodiscard]] virtual Capabilities capabilities() const noexcept = 0;

  /// The transport maps names to its own. @throws LogicError for a capability it lacks, SystemError when it fails.
  [[nodiscard]] virtual std::unique_ptr<TransportPublisher> advertise(const TopicEndpoint& topic,
                                                                      EndpointEvents events) = 0;
  [[nodiscard]] virtual std::unique_ptr<TransportSubscription> subscribe(const TopicEndpoint& topic,
                                                                         EndpointEvents events) = 0;
  [[nodiscard]] virtual std::unique_ptr<TransportClient> client(const ServiceEndpoint& service,
                                                                EndpointEvents events) = 0;
  [[nodiscard]] virtual std::unique_ptr<TransportServer> serve(const ServiceEndpoint& service,
                                                               EndpointEvents events) = 0;

  /// Shows a node of this process to others, before its endpoints; nothing on a transport without kGraph. Any thread.
  virtual void add_node(const NodeInfo& node) = 0;
  /// After its endpoints have gone. Any thread.
  virtual void remove_node(const std::string& name) = 0;

  [[nodiscard]] virtual Graph graph() const = 0;

  /// Calls `on_change` on the transport's thread whenever graph() would answer differently. Replaces an earlier one;
  /// empty ends it, and returns when it does not run any more.
  virtual void watch_graph(std::function<void()> on_change) = 0;
};

}  // namespace takt::bus
