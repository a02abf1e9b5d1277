#include "raw_endpoints.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/core/error.hpp"

namespace takt::app {
namespace {

using namespace std::chrono_literals;
using bus::Capability;

/// Not every transport can tell when there is room again, or when the other side is ready.
constexpr async::Duration kRetry = 5ms;

void say_incompatible(const std::string& reason) {
  fmt::print(stderr, "takt: {}\n", reason);
}

bus::TopicEndpoint fitted(bus::TopicEndpoint topic, const bus::Transport& transport) {
  if (!bus::has(transport.capabilities(), Capability::kReliable)) {
    topic.qos.reliability = bus::Reliability::kBestEffort;
  }
  if (!bus::has(transport.capabilities(), Capability::kTransientLocal)) {
    topic.qos.durability = bus::Durability::kVolatile;
  }
  return topic;
}

}  // namespace

RawSubscription::RawSubscription(const BusSession& session, const bus::TopicEndpoint& topic) {
  for (const auto& transport : session.transports()) {
    bus::EndpointEvents events;
    events.on_data = [this] { arrived_.ring(); };
    events.on_matched = [this](const bus::Matched&) { changed_.ring(); };
    events.on_incompatible = say_incompatible;
    readers_.push_back(transport->subscribe(fitted(topic, *transport), std::move(events)));
    all_tell_matched_ = all_tell_matched_ && bus::has(transport->capabilities(), Capability::kMatchedEvents);
  }
}

std::optional<RawMessage> RawSubscription::try_next() {
  std::optional<RawMessage> message;
  const auto keep = [&](bus::Bytes bytes, const bus::MessageInfo& info) {
    message = RawMessage{.bytes = {bytes.begin(), bytes.end()}, .info = info};
  };
  static_cast<void>(std::ranges::any_of(readers_, [&](const auto& reader) { return reader->take(keep); }));
  return message;
}

async::Task<RawMessage> RawSubscription::next() {
  std::optional<RawMessage> message = try_next();
  while (!message) {
    co_await arrived_;
    message = try_next();
  }
  co_return std::move(*message);
}

async::Task<void> RawSubscription::wait_for_publisher() {
  const auto is_matched = [](const auto& reader) { return reader->matched().current > 0; };
  while (all_tell_matched_ && std::ranges::none_of(readers_, is_matched)) {
    co_await changed_;
  }
}

RawPublisher::RawPublisher(const BusSession& session, const bus::TopicEndpoint& topic) {
  for (const auto& transport : session.transports()) {
    bus::EndpointEvents events;
    events.on_matched = [this](const bus::Matched&) { changed_.ring(); };
    events.on_incompatible = say_incompatible;
    writers_.push_back(transport->advertise(fitted(topic, *transport), std::move(events)));
    all_tell_matched_ = all_tell_matched_ && bus::has(transport->capabilities(), Capability::kMatchedEvents);
  }
}

async::Task<void> RawPublisher::publish(std::vector<std::byte> bytes) {
  for (const auto& writer : writers_) {
    auto sent = writer->publish(bytes);
    while (!sent && sent.error() == bus::SendError::kWouldBlock) {
      co_await async::sleep_for(kRetry);
      sent = writer->publish(bytes);
    }
    if (!sent) {
      throw DeviceError(sent.error() == bus::SendError::kTooLarge
                            ? fmt::format("{} bytes are more than the bus carries in one message", bytes.size())
                            : "the bus has closed");
    }
  }
}

async::Task<void> RawPublisher::wait_for_subscriptions(std::size_t count) {
  while (all_tell_matched_) {
    std::size_t matched = 0;
    for (const auto& writer : writers_) {
      matched += writer->matched().current;
    }
    if (matched >= count) {
      co_return;
    }
    co_await changed_;
  }
}

RawCall::RawCall(const BusSession& session, const bus::ServiceEndpoint& service) : name_(service.name) {
  for (const auto& transport : session.transports()) {
    if (bus::has(transport->capabilities(), Capability::kRequestReply)) {
      bus::EndpointEvents events;
      events.on_data = [this] { changed_.ring(); };
      events.on_matched = [this](const bus::Matched&) { changed_.ring(); };
      events.on_writable = [this] { changed_.ring(); };
      events.on_incompatible = say_incompatible;
      clients_.push_back(transport->client(service, std::move(events)));
    }
  }
  if (clients_.empty()) {
    throw ConfigError("--bus", 0, "", "none of these has services");
  }
}

async::Task<void> RawCall::ask(std::vector<std::byte> request) {
  for (;;) {
    for (const auto& client : clients_) {
      const auto sent = client->request(request);
      if (sent) {
        asked_ = client.get();
        id_ = *sent;
        co_return;
      }
      if (sent.error() != bus::SendError::kWouldBlock) {
        throw DeviceError(name_ + ": the request could not be sent");
      }
    }
    static_cast<void>(co_await async::with_timeout(kRetry, changed_.wait()));
  }
}

async::Task<std::vector<std::byte>> RawCall::reply() {
  for (;;) {
    std::optional<std::vector<std::byte>> found;
    const auto keep = [&](const bus::RequestId& id, bus::Bytes bytes, const bus::MessageInfo&) {
      if (id == id_) {
        found.emplace(bytes.begin(), bytes.end());
      }
    };
    const bool server_gone = asked_->matched().current == 0;  // asked before taking: the reply may be its last act
    while (!found && asked_->take(keep)) {
    }
    if (found) {
      co_return std::move(*found);
    }
    if (server_gone) {
      throw DeviceError(name_ + ": its server has gone before it replied");
    }
    co_await changed_;
  }
}

async::Task<std::vector<std::byte>> call_raw(const BusSession& session, bus::ServiceEndpoint service,
                                             std::vector<std::byte> request) {
  RawCall call(session, service);
  co_await call.ask(std::move(request));
  co_return co_await call.reply();
}

}  // namespace takt::app
