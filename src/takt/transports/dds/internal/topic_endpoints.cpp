#include "takt/transports/dds/internal/topic_endpoints.hpp"

#include <algorithm>
#include <utility>

#include "takt/transports/dds/internal/names.hpp"
#include "takt/transports/dds/internal/qos.hpp"
#include "takt/transports/dds/internal/user_data.hpp"

namespace takt::dds {

DdsNames dds_names(const Surroundings& around, const bus::TopicEndpoint& topic) {
  const auto plain = std::ranges::find(around.plain_topics, topic.name, &PlainTopic::name);
  if (plain != around.plain_topics.end()) {
    return {.topic = plain->topic, .type = plain->type};
  }
  return {.topic = topic_to_dds(topic.name), .type = type_to_dds(topic.type.name)};
}

LocalEnd local_end(const Surroundings& around, const bus::TopicEndpoint& topic, bool writer) {
  DdsNames names = dds_names(around, topic);
  return {.writer = writer,
          .topic = std::move(names.topic),
          .type = std::move(names.type),
          .hash = topic.type.hash,
          .qos = topic.qos,
          .node = topic.node};
}

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
      writer_(around.participant, dds_names(around, topic).topic, dds_names(around, topic).type,
              writer_qos(topic.qos, type_hash_entry(topic.type.hash)).get(), notices_.raw_events(false),
              around.max_message_bytes),
      announcement_(std::in_place, around, topic.node, Ends{.readers = {}, .writers = {writer_.guid()}}) {
  notices_.open({local_end(around, topic, true)});
}

void DdsPublisher::close() {
  notices_.stop();
  announcement_.reset();
}

}  // namespace takt::dds
