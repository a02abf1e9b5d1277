#pragma once

#include <memory>
#include <utility>

#include "takt/transports/dds/internal/service_client.hpp"
#include "takt/transports/dds/internal/service_server.hpp"
#include "takt/transports/dds/internal/subscription.hpp"
#include "takt/transports/dds/internal/topic_endpoints.hpp"

/// What a caller holds of an endpoint. Destroying it ends the events at once and waits for nothing of Cyclone DDS,
/// whose dds_delete waits for the thread that receives (a full subscription may hold that, or it is who destroys) and
/// for readers that have not confirmed what a writer sent. The entities go soon, on the thread of deletions.
namespace takt::dds {

template <class Endpoint>
class Handle {
 public:
  template <class Described>
  Handle(const Surroundings& around, const Described& described, bus::EndpointEvents events)
      : deletions_(around.deletions),
        linger_(around.linger),
        endpoint_(std::make_unique<Endpoint>(around, described, std::move(events))) {}
  ~Handle() {
    endpoint_->close();
    deletions_.post([gone = std::move(endpoint_), &linger = linger_, destroyed_ns = core::monotonic_now_ns()] {
      gone->await_confirmed(linger.next(destroyed_ns, core::monotonic_now_ns()));
    });
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  [[nodiscard]] Endpoint* operator->() const noexcept { return endpoint_.get(); }

 private:
  WorkThread& deletions_;
  const Linger& linger_;
  std::unique_ptr<Endpoint> endpoint_;
};

class PublisherHandle final : public bus::TransportPublisher {
 public:
  PublisherHandle(const Surroundings& around, const bus::TopicEndpoint& topic, bus::EndpointEvents events)
      : publisher_(around, topic, std::move(events)) {}
  [[nodiscard]] Expected<void, bus::SendError> publish(bus::Bytes bytes) override { return publisher_->publish(bytes); }
  [[nodiscard]] bus::Matched matched() const override { return publisher_->matched(); }

 private:
  Handle<DdsPublisher> publisher_;
};

class SubscriptionHandle final : public bus::TransportSubscription {
 public:
  SubscriptionHandle(const Surroundings& around, const bus::TopicEndpoint& topic, bus::EndpointEvents events)
      : subscription_(around, topic, std::move(events)) {}
  [[nodiscard]] bool take(const bus::OnMessage& visit) override { return subscription_->take(visit); }
  [[nodiscard]] bus::Matched matched() const override { return subscription_->matched(); }
  [[nodiscard]] std::uint64_t lost() const override { return subscription_->lost(); }

 private:
  Handle<DdsSubscription> subscription_;
};

class ClientHandle final : public bus::TransportClient {
 public:
  ClientHandle(const Surroundings& around, const bus::ServiceEndpoint& service, bus::EndpointEvents events)
      : client_(around, service, std::move(events)) {}
  [[nodiscard]] Expected<bus::RequestId, bus::SendError> request(bus::Bytes bytes) override {
    return client_->request(bytes);
  }
  [[nodiscard]] bool take(const bus::OnRequest& visit) override { return client_->take(visit); }
  [[nodiscard]] bus::Matched matched() const override { return client_->matched(); }
  [[nodiscard]] std::int64_t lost_before() const override { return client_->lost_before(); }

 private:
  Handle<DdsClient> client_;
};

class ServerHandle final : public bus::TransportServer {
 public:
  ServerHandle(const Surroundings& around, const bus::ServiceEndpoint& service, bus::EndpointEvents events)
      : server_(around, service, std::move(events)) {}
  [[nodiscard]] bool take(const bus::OnRequest& visit) override { return server_->take(visit); }
  [[nodiscard]] Expected<void, bus::SendError> reply(const bus::RequestId& id, bus::Bytes bytes) override {
    return server_->reply(id, bytes);
  }
  [[nodiscard]] bus::Matched matched() const override { return server_->matched(); }

 private:
  Handle<DdsServer> server_;
};

}  // namespace takt::dds
