#include "takt/transports/dds/internal/topic_endpoints.hpp"

#include <algorithm>
#include <utility>

#include "takt/transports/dds/internal/names.hpp"
#include "takt/transports/dds/internal/qos.hpp"
#include "takt/transports/dds/internal/user_data.hpp"

namespace takt::dds {
namespace {

/// Senders that are remembered; when they are more, those that have gone are among them.
constexpr std::size_t kMaxSenders = 1000;

LocalEnd local_end(const bus::TopicEndpoint& topic, bool writer) {
  return {.writer = writer,
          .topic = topic_to_dds(topic.name),
          .type = type_to_dds(topic.type.name),
          .qos = topic.qos,
          .node = topic.node};
}

}  // namespace

Announcement::Announcement(const Surroundings& around, std::string node, Ends ends)
    : nodes_(around.nodes), discovery_(around.discovery), node_(std::move(node)), ends_(std::move(ends)) {
  nodes_.attach(node_, ends_);
  discovery_.own_nodes_changed();
}

Announcement::~Announcement() {
  nodes_.detach(node_, ends_);
  discovery_.own_nodes_changed();
}

DdsPublisher::DdsPublisher(const Surroundings& around, const bus::TopicEndpoint& topic, bus::EndpointEvents events)
    : notices_(around, std::move(events), {.matched = [this] { return matched(); }, .writable = {}, .unservable = {}}),
      writer_(around.participant, topic_to_dds(topic.name), type_to_dds(topic.type.name),
              writer_qos(topic.qos, type_hash_entry(topic.type.hash)).get(), notices_.raw_events(false)),
      announcement_(around, topic.node, {.readers = {}, .writers = {writer_.guid()}}) {
  notices_.open({local_end(topic, true)});
}

DdsSubscription::DdsSubscription(const Surroundings& around, const bus::TopicEndpoint& topic,
                                 bus::EndpointEvents events)
    : notices_(around, std::move(events), {.matched = [this] { return matched(); }, .writable = {}, .unservable = {}}),
      reader_(around.participant, topic_to_dds(topic.name), type_to_dds(topic.type.name),
              reader_qos(topic.qos, type_hash_entry(topic.type.hash), around.keep_all_samples).get(),
              notices_.raw_events(true)),
      announcement_(around, topic.node, {.readers = {reader_.guid()}, .writers = {}}) {
  notices_.open({local_end(topic, false)});
}

bool DdsSubscription::take(const bus::OnMessage& visit) {
  return reader_.take([&](const Sample& sample, const dds_sample_info_t& info) {
    Sender& sender = sender_of(info);
    const std::int64_t sequence = sample.header.sequence;
    if (sender.sequence != 0 && sequence > sender.sequence + 1) {
      lost_.fetch_add(static_cast<std::uint64_t>(sequence - sender.sequence - 1), std::memory_order_relaxed);
    }
    sender.sequence = std::max(sender.sequence, sequence);
    visit(sample.bytes(), {.received_ns = sample.received_ns,
                           .source_wall_ns = info.source_timestamp,
                           .sender = sender.guid,
                           .sequence = static_cast<std::uint64_t>(sequence)});
    return true;
  });
}

DdsSubscription::Sender& DdsSubscription::sender_of(const dds_sample_info_t& info) {
  const auto known = senders_.find(info.publication_handle);
  if (known != senders_.end()) {
    return known->second;
  }
  if (senders_.size() >= kMaxSenders) {
    senders_.clear();
  }
  return senders_[info.publication_handle] = {.guid = guid_of_writer(reader_.entity(), info.publication_handle),
                                              .sequence = 0};
}

Guid guid_of_writer(dds_entity_t reader, dds_instance_handle_t writer) {
  Guid guid{};
  if (dds_builtintopic_endpoint_t* const found = dds_get_matched_publication_data(reader, writer)) {
    std::ranges::copy(found->key.v, guid.begin());
    dds_builtintopic_free_endpoint(found);
  }
  return guid;
}

}  // namespace takt::dds
