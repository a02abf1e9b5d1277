#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>

#include "takt/bus/transport.hpp"
#include "takt/transports/dds/internal/discovery.hpp"
#include "takt/transports/dds/internal/events.hpp"
#include "takt/transports/dds/internal/linger.hpp"
#include "takt/transports/dds/internal/raw_endpoints.hpp"

namespace takt::dds {

/// What all endpoints get of their transport.
struct Surroundings {
  dds_entity_t participant;
  WorkThread& events;     ///< "dds.events"
  WorkThread& deletions;  ///< "dds.deletions"
  const Linger& linger;   ///< of deletions
  NodeTable& nodes;
  Discovery& discovery;
  std::uint32_t keep_all_samples;
  core::Nanoseconds keep_all_patience_ns;
  std::size_t max_message_bytes;
  const std::vector<PlainTopic>& plain_topics;
  std::atomic<std::uint32_t>& services;  ///< counts ends of services, to name them
};

/// The events of one endpoint: what was noted on the threads of Cyclone DDS becomes calls of bus::EndpointEvents.
/// Endpoints own one, made before their readers and writers, open it when they are made, and stop it before they end.
class EndpointNotices {
 public:
  /// What an endpoint answers when its events are told; called on the event thread.
  struct Source {
    std::function<bus::Matched()> matched;
    std::function<bool()> writable;                     ///< a refused send is worth another try; empty: never
    std::function<std::vector<Mismatch>()> unservable;  ///< matched peers that speak otherwise; empty: none
    std::function<std::int64_t()> lost_before{};        ///< of a client, which is told on_matched when it grew
  };

  EndpointNotices(const Surroundings& around, bus::EndpointEvents events, Source source);
  ~EndpointNotices() { stop(); }
  EndpointNotices(const EndpointNotices&) = delete;
  EndpointNotices& operator=(const EndpointNotices&) = delete;

  void post(std::uint32_t notices) { notices_->post(notices); }

  /// Something can be taken: told here and now, when it is open.
  void data() { notices_->data(); }

  /// The endpoint is made: from now on its events are told. So are peers that will not be matched with one of `ends`,
  /// as they appear, and those that are there now. Once.
  void open(std::vector<LocalEnd> ends);

  void stop() { notices_->stop(); }

  /// What a reader or a writer of this endpoint is to tell.
  [[nodiscard]] RawEvents raw_events(bool with_data);

 private:
  static void call(const std::function<void()>& event);
  void tell(std::uint32_t notices);
  void tell_matched();
  /// @param told  who was among them the last time
  void tell_incompatible(const std::vector<Mismatch>& peers, std::set<Guid>& told) const;

  Discovery& discovery_;
  bus::EndpointEvents events_;
  Source source_;
  bus::Matched last_;                 // the event thread's
  std::int64_t last_lost_before_{0};  // the event thread's
  std::vector<LocalEnd> ends_;        // written before it opens
  std::set<Guid> told_mismatched_;    // the event thread's
  std::set<Guid> told_unservable_;    // the event thread's
  std::shared_ptr<Notices> notices_;
};

}  // namespace takt::dds
