#pragma once

#include <atomic>
#include <string>
#include <unordered_map>

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

class DdsPublisher final : public bus::TransportPublisher {
 public:
  DdsPublisher(const Surroundings& around, const bus::TopicEndpoint& topic, bus::EndpointEvents events);
  ~DdsPublisher() override { notices_.stop(); }
  DdsPublisher(const DdsPublisher&) = delete;
  DdsPublisher& operator=(const DdsPublisher&) = delete;

  [[nodiscard]] Expected<void, bus::SendError> publish(bus::Bytes bytes) override { return writer_.write(bytes); }
  [[nodiscard]] bus::Matched matched() const override { return writer_.matched(); }

 private:
  EndpointNotices notices_;
  RawWriter writer_;
  Announcement announcement_;
};

class DdsSubscription final : public bus::TransportSubscription {
 public:
  DdsSubscription(const Surroundings& around, const bus::TopicEndpoint& topic, bus::EndpointEvents events);
  ~DdsSubscription() override { notices_.stop(); }
  DdsSubscription(const DdsSubscription&) = delete;
  DdsSubscription& operator=(const DdsSubscription&) = delete;

  [[nodiscard]] bool take(const bus::OnMessage& visit) override;
  [[nodiscard]] bus::Matched matched() const override { return reader_.matched(); }
  [[nodiscard]] std::uint64_t lost() const override { return lost_.load(std::memory_order_relaxed); }

 private:
  struct Sender {
    Guid guid{};
    std::int64_t sequence{0};  // of the last that was taken
  };
  [[nodiscard]] Sender& sender_of(const dds_sample_info_t& info);

  std::unordered_map<dds_instance_handle_t, Sender> senders_;
  std::atomic<std::uint64_t> lost_{0};
  EndpointNotices notices_;
  RawReader reader_;
  Announcement announcement_;
};

/// The GUID of a writer that a reader has heard; all zero when it has gone already.
[[nodiscard]] Guid guid_of_writer(dds_entity_t reader, dds_instance_handle_t writer);

}  // namespace takt::dds
