#pragma once

#include <optional>
#include <string>

#include "takt/bus/transport.hpp"
#include "takt/transports/dds/internal/endpoint_notices.hpp"
#include "takt/transports/dds/internal/raw_endpoints.hpp"

namespace takt::dds {

/// Shows the DDS ends of an endpoint as its node's, for as long as it lives.
class Announcement {
 public:
  Announcement(const Surroundings& around, std::string node, Ends ends);
  ~Announcement();
  Announcement(const Announcement&) = delete;
  Announcement& operator=(const Announcement&) = delete;

 private:
  NodeTable& nodes_;
  Discovery& discovery_;
  std::string node_;
  Ends ends_;
};

class DdsPublisher {
 public:
  DdsPublisher(const Surroundings& around, const bus::TopicEndpoint& topic, bus::EndpointEvents events);
  ~DdsPublisher() { close(); }
  DdsPublisher(const DdsPublisher&) = delete;
  DdsPublisher& operator=(const DdsPublisher&) = delete;

  void close();
  void await_confirmed(core::Nanoseconds at_most) const { writer_.await_confirmed(at_most); }

  [[nodiscard]] Expected<void, bus::SendError> publish(bus::Bytes bytes) { return writer_.write(bytes); }
  [[nodiscard]] bus::Matched matched() const { return writer_.matched(); }

 private:
  EndpointNotices notices_;
  RawWriter writer_;
  std::optional<Announcement> announcement_;
};

/// What a topic and its type are called on DDS. @throws LogicError for a name that none can have
struct DdsNames {
  std::string topic;
  std::string type;
};
[[nodiscard]] DdsNames dds_names(const Surroundings& around, const bus::TopicEndpoint& topic);

/// A topic's end as discovery compares it with others.
[[nodiscard]] LocalEnd local_end(const Surroundings& around, const bus::TopicEndpoint& topic, bool writer);

}  // namespace takt::dds
