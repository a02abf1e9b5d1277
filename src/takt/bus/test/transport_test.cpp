#include "takt/bus/transport.hpp"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace takt::bus {
namespace {

/// The smallest thing that honours the interface: endpoints of one object, delivered on the caller's thread. It shows
/// that the interface can be implemented and used; real transports have a contract suite of their own.
class LoopbackTransport final : public Transport {
 public:
  [[nodiscard]] std::string scheme() const override { return "loopback"; }
  [[nodiscard]] Capabilities capabilities() const noexcept override {
    return static_cast<Capabilities>(Capability::kPublishSubscribe) |
           static_cast<Capabilities>(Capability::kRequestReply) |
           static_cast<Capabilities>(Capability::kMatchedEvents) | static_cast<Capabilities>(Capability::kGraph);
  }

  std::unique_ptr<TransportPublisher> advertise(const std::string& name, const TypeId& type, const Qos& qos,
                                                EndpointEvents /*events*/) override {
    add({EndpointInfo::Kind::kPublisher, "", name, type, qos});
    return std::make_unique<Publisher>(*this, name);
  }

  std::unique_ptr<TransportSubscription> subscribe(const std::string& name, const TypeId& type, const Qos& qos,
                                                   OnMessage on_message, EndpointEvents events) override {
    add({EndpointInfo::Kind::kSubscription, "", name, type, qos});
    readers_[name].push_back(std::move(on_message));
    if (events.on_matched) {
      events.on_matched(Matched{1, 1});
    }
    return std::make_unique<Reader>();
  }

  std::unique_ptr<TransportClient> client(const std::string& name, const TypeId& /*request*/, const TypeId& /*reply*/,
                                          EndpointEvents /*events*/) override {
    return std::make_unique<Client>(*this, name);
  }

  std::unique_ptr<TransportServer> serve(const std::string& name, const TypeId& /*request*/, const TypeId& /*reply*/,
                                         OnRequest on_request, EndpointEvents /*events*/) override {
    servers_[name] = std::move(on_request);
    return std::make_unique<Server>(*this);
  }

  [[nodiscard]] std::vector<EndpointInfo> graph() const override { return graph_; }
  void watch_graph(std::function<void()> on_change) override { on_change_ = std::move(on_change); }

 private:
  struct Publisher final : TransportPublisher {
    Publisher(LoopbackTransport& owner, std::string topic) : transport(owner), name(std::move(topic)) {}
    Expected<void, SendError> publish(Bytes bytes) override {
      for (const auto& reader : transport.readers_[name]) {
        reader(bytes,
               MessageInfo{
                   .received_ns = core::monotonic_now_ns(), .source_wall_ns = 0, .sender = {}, .sequence = ++sent});
      }
      return {};
    }
    [[nodiscard]] Matched matched() const override {
      return {transport.readers_[name].size(), transport.readers_[name].size()};
    }
    LoopbackTransport& transport;
    std::string name;
    std::uint64_t sent{0};
  };
  struct Reader final : TransportSubscription {
    [[nodiscard]] Matched matched() const override { return {1, 1}; }
    [[nodiscard]] std::uint64_t lost() const override { return 0; }
  };
  struct Client final : TransportClient {
    Client(LoopbackTransport& owner, std::string service) : transport(owner), name(std::move(service)) {}
    Expected<RequestId, SendError> request(Bytes bytes, core::Nanoseconds /*timeout_ns*/, OnReply on_reply) override {
      const RequestId id{.client = {1}, .sequence = ++sequence};
      const auto server = transport.servers_.find(name);
      if (server == transport.servers_.end()) {
        on_reply(Unexpected(RequestError::kNoServer));
        return id;
      }
      transport.pending_[id.sequence] = std::move(on_reply);
      server->second(id, bytes, MessageInfo{});
      return id;
    }
    void cancel(const RequestId& id) noexcept override { transport.pending_.erase(id.sequence); }
    [[nodiscard]] Matched matched() const override { return {transport.servers_.count(name), 1}; }
    LoopbackTransport& transport;
    std::string name;
    std::int64_t sequence{0};
  };
  struct Server final : TransportServer {
    explicit Server(LoopbackTransport& owner) : transport(owner) {}
    Expected<void, SendError> reply(const RequestId& id, Bytes bytes) override {
      auto waiting = transport.pending_.extract(id.sequence);
      if (!waiting.empty()) {
        waiting.mapped()(bytes);
      }
      return {};
    }
    [[nodiscard]] Matched matched() const override { return {}; }
    LoopbackTransport& transport;
  };

  void add(EndpointInfo info) {
    graph_.push_back(std::move(info));
    if (on_change_) {
      on_change_();
    }
  }

  std::map<std::string, std::vector<OnMessage>> readers_;
  std::map<std::string, OnRequest> servers_;
  std::map<std::int64_t, TransportClient::OnReply> pending_;
  std::vector<EndpointInfo> graph_;
  std::function<void()> on_change_;
};

Bytes bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}
std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(TransportInterfaceTest, CarriesBytesWithTypeAndGraph) {
  LoopbackTransport transport;
  int changes = 0;
  transport.watch_graph([&] { ++changes; });
  std::string received;
  const TypeId type{.name = "std_msgs/msg/String", .hash = {}};
  const auto reader = transport.subscribe("/chat", type, Qos::latest(),
                                          [&](Bytes bytes, const MessageInfo&) { received = text_of(bytes); }, {});
  const auto writer = transport.advertise("/chat", type, Qos{}, {});
  ASSERT_TRUE(writer->publish(bytes_of("hello")));
  EXPECT_EQ(received, "hello");
  EXPECT_EQ(changes, 2);
  ASSERT_EQ(transport.graph().size(), 2U);
  EXPECT_EQ(transport.graph()[1].type, type);
}

TEST(TransportInterfaceTest, AnswersRequestsLaterAndSaysWhenNobodyServes) {
  LoopbackTransport transport;
  const auto client = transport.client("/add", {}, {}, {});
  std::optional<RequestError> error;
  ASSERT_TRUE(client->request(bytes_of("1"), 0,
                              [&](auto reply) { error = reply ? std::nullopt : std::optional(reply.error()); }));
  EXPECT_EQ(error, RequestError::kNoServer);

  std::optional<RequestId> asked;
  const auto server =
      transport.serve("/add", {}, {}, [&](const RequestId& id, Bytes, const MessageInfo&) { asked = id; }, {});
  std::string answer;
  ASSERT_TRUE(client->request(bytes_of("1"), 0, [&](auto reply) { answer = text_of(*reply); }));
  EXPECT_EQ(answer, "");
  ASSERT_TRUE(server->reply(asked.value(), bytes_of("2")));
  EXPECT_EQ(answer, "2");
}

TEST(TransportInterfaceTest, SaysWhatItCanDo) {
  const LoopbackTransport transport;
  EXPECT_TRUE(has(transport.capabilities(), Capability::kGraph));
  EXPECT_FALSE(has(transport.capabilities(), Capability::kEncrypted));
}

}  // namespace
}  // namespace takt::bus
