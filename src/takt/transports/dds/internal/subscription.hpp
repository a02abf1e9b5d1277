#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "takt/bus/transport.hpp"
#include "takt/transports/dds/internal/endpoint_notices.hpp"
#include "takt/transports/dds/internal/patience.hpp"
#include "takt/transports/dds/internal/raw_endpoints.hpp"
#include "takt/transports/dds/internal/topic_endpoints.hpp"

namespace takt::dds {

/// Whom a reader has heard, and up to where. One thread at a time.
class Senders {
 public:
  explicit Senders(const TypeHash& type) : type_(type) {}

  /// A message as it is handed over; when it comes of a type of another hash, nothing.
  struct Accepted {
    bus::MessageInfo info;
    core::Nanoseconds expires_ns{0};  ///< CLOCK_MONOTONIC; 0: never
    std::uint64_t missed{0};          ///< of the same sender, since the one accepted before
  };
  [[nodiscard]] std::optional<Accepted> accept(dds_entity_t reader, const Sample& sample,
                                               const dds_sample_info_t& info);

 private:
  struct Sender {
    Guid guid{};
    TypeHash hash{};
    core::Nanoseconds lifespan_ns{0};  // 0: for ever
    std::int64_t sequence{0};          // of the last that was accepted
  };
  [[nodiscard]] Sender& sender_of(dds_entity_t reader, dds_instance_handle_t writer);

  TypeHash type_;
  std::unordered_map<dds_instance_handle_t, Sender> senders_;
  Sender unknown_;
};

/// Of a depth, it holds the last messages itself: Cyclone DDS does not tell what it overwrites. One that keeps all
/// leaves them in Cyclone DDS, which presses back, for as long as its patience lasts.
class DdsSubscription {
 public:
  DdsSubscription(const Surroundings& around, const bus::TopicEndpoint& topic, bus::EndpointEvents events);
  ~DdsSubscription() { close(); }
  DdsSubscription(const DdsSubscription&) = delete;
  DdsSubscription& operator=(const DdsSubscription&) = delete;

  void close();
  void await_confirmed(core::Nanoseconds) const {}  // it sent nothing

  [[nodiscard]] bool take(const bus::OnMessage& visit);
  [[nodiscard]] bus::Matched matched() const { return reader_.matched(); }
  [[nodiscard]] std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  struct Held {
    SampleRef sample;
    Senders::Accepted as;
  };
  [[nodiscard]] RawEvents raw_events();
  void collect();
  [[nodiscard]] std::optional<Held> next_held();
  [[nodiscard]] std::optional<Held> next_of_reader();
  void on_full();

  const std::string title_;
  const std::size_t depth_;  // 0: keeps all
  std::atomic<std::uint64_t> lost_{0};
  std::mutex mutex_;  // guards what follows, and taking from reader_
  Patience patience_;
  bool warned_{false};
  Senders senders_;
  std::deque<Held> held_;
  bool told_{false};
  EndpointNotices notices_;
  RawReader reader_;
  std::optional<Announcement> announcement_;
};

}  // namespace takt::dds
