#include "takt/teleop/replay/internal/text_topic.hpp"

#include <utility>

#include "takt/core/log.hpp"
#include "takt/messages/cdr.hpp"
#include "takt/messages/ros_message.hpp"
#include "takt/messages/type_description.hpp"

namespace takt::teleop::replay::internal {
namespace {

using std_msgs::String;

constexpr std::uint32_t kRepliesForLate = 16;

bus::TypeId text_type() {
  const messages::RosType& type = messages::ros_type<String>();
  return {.name = type.name, .hash = type.hash};
}

/// `qos` without what that transport cannot do.
bus::Qos weakened(bus::Qos qos, const bus::Transport& transport) {
  if (!bus::has(transport.capabilities(), bus::Capability::kReliable)) {
    qos.reliability = bus::Reliability::kBestEffort;
  }
  if (!bus::has(transport.capabilities(), bus::Capability::kTransientLocal)) {
    qos.durability = bus::Durability::kVolatile;
  }
  return qos;
}

bus::TopicEndpoint endpoint(const std::string& topic, const bus::Qos& qos, const bus::Transport& transport) {
  return {.name = topic, .type = text_type(), .qos = weakened(qos, transport), .node = ""};
}

bool carries_topics(const bus::Transport& transport) {
  return bus::has(transport.capabilities(), bus::Capability::kPublishSubscribe);
}

void warn_incompatible(bus::EndpointEvents& events, const std::string& topic) {
  events.on_incompatible = [topic](const std::string& reason) {
    core::log(core::LogLevel::kWarning, topic + ": " + reason);
  };
}

}  // namespace

bus::Qos request_qos() noexcept {
  return {.reliability = bus::Reliability::kReliable,
          .durability = bus::Durability::kVolatile,
          .depth = 0,
          .deadline_ns = {},
          .lifespan_ns = {}};
}

bus::Qos reply_qos() noexcept {
  return {.reliability = bus::Reliability::kReliable,
          .durability = bus::Durability::kTransientLocal,
          .depth = kRepliesForLate,
          .deadline_ns = {},
          .lifespan_ns = {}};
}

TextSender::TextSender(const bus::Bus& bus, const std::string& topic, const bus::Qos& qos,
                       const std::function<void()>& on_change)
    : keeps_for_late_(qos.durability == bus::Durability::kTransientLocal) {
  for (const auto& transport : bus.transports()) {
    if (!carries_topics(*transport)) {
      continue;
    }
    bus::EndpointEvents events;
    if (on_change) {
      events.on_matched = [on_change](const bus::Matched& /*now*/) { on_change(); };
      events.on_writable = on_change;
    }
    warn_incompatible(events, topic);
    remote_.push_back({.endpoint = transport->advertise(endpoint(topic, qos, *transport), std::move(events)),
                       .tells_matches = bus::has(transport->capabilities(), bus::Capability::kMatchedEvents)});
  }
}

bool TextSender::send(std::string_view text) {
  const std::vector<std::byte> bytes = messages::to_cdr(String{.data = std::string(text)});
  bool left = false;
  const std::scoped_lock lock(mutex_);
  for (const Remote& remote : remote_) {
    const bool somebody = !remote.tells_matches || remote.endpoint->matched().current > 0;
    if (somebody || keeps_for_late_) {
      left = (remote.endpoint->publish(bytes) && somebody) || left;
    }
  }
  return left;
}

TextReceiver::TextReceiver(const bus::Bus& bus, const std::string& topic, const bus::Qos& qos,
                           const std::function<void()>& on_data) {
  for (const auto& transport : bus.transports()) {
    if (!carries_topics(*transport)) {
      continue;
    }
    bus::EndpointEvents events;
    events.on_data = on_data;
    warn_incompatible(events, topic);
    const bus::TopicEndpoint here = endpoint(topic, qos, *transport);
    may_be_old_ = may_be_old_ || here.qos.durability == bus::Durability::kTransientLocal;
    remote_.push_back(transport->subscribe(here, std::move(events)));
  }
}

std::size_t TextReceiver::take(std::size_t most, const std::function<void(std::string)>& use) {
  std::size_t taken = 0;
  bool more = true;
  while (more && taken < most) {
    more = false;
    for (const auto& remote : remote_) {
      std::string text;
      bool is_text = false;
      const bool came = remote->take([&](bus::Bytes bytes, const bus::MessageInfo& /*info*/) {
        auto message = messages::from_cdr<String>(bytes);
        is_text = message.has_value();
        if (is_text) {
          text = std::move(message->data);
        } else {
          malformed_.fetch_add(1, std::memory_order_relaxed);
        }
      });
      if (is_text) {
        use(std::move(text));
      }
      more = more || came;
      taken += came ? 1 : 0;
    }
  }
  return taken;
}

}  // namespace takt::teleop::replay::internal
