#include "takt/transports/dds/internal/discovery.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "takt/messages/cdr.hpp"
#include "takt/transports/dds/internal/qos.hpp"
#include "takt/transports/dds/internal/user_data.hpp"

namespace takt::dds {
namespace {

Guid guid_from(const dds_guid_t& raw) {
  Guid guid{};
  std::ranges::copy(raw.v, guid.begin());
  return guid;
}

/// Who wrote a sample; nothing when it has gone.
std::optional<Guid> writer_of(dds_entity_t reader, dds_instance_handle_t writer) {
  dds_builtintopic_endpoint_t* const found = dds_get_matched_publication_data(reader, writer);
  if (found == nullptr) {
    return std::nullopt;
  }
  const Guid guid = guid_from(found->key);
  dds_builtintopic_free_endpoint(found);
  return guid;
}

/// Gives all samples of a built-in topic to `visit(const T&, const dds_sample_info_t&, bool alive)`; of what has gone
/// only the key is filled.
template <class T, class Visit>
void drain(dds_entity_t reader, Visit&& visit) {
  constexpr std::size_t kAtOnce = 32;
  std::array<dds_sample_info_t, kAtOnce> infos{};
  while (true) {
    std::array<void*, kAtOnce> samples{};  // null: lent by Cyclone DDS
    const dds_return_t count = dds_take(reader, samples.data(), infos.data(), kAtOnce, kAtOnce);
    if (count <= 0) {
      return;
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      visit(*static_cast<const T*>(samples[i]), infos[i],
            infos[i].valid_data && infos[i].instance_state == DDS_IST_ALIVE);
    }
    (void)dds_return_loan(reader, samples.data(), count);
  }
}

/// A reader of a built-in topic that calls `on_data`, also for what was there before it.
class BuiltinReader {
 public:
  BuiltinReader(dds_entity_t participant, dds_entity_t topic, std::function<void(dds_entity_t)> on_data)
      : on_data_(std::move(on_data)), entity_(create(participant, topic), "reader of a built-in topic") {
    on_data_(entity_.get());
  }

 private:
  dds_entity_t create(dds_entity_t participant, dds_entity_t topic) {
    dds_listener_t* const listener = dds_create_listener(this);
    dds_lset_data_available(
        listener, [](dds_entity_t reader, void* self) { static_cast<BuiltinReader*>(self)->on_data_(reader); });
    const dds_entity_t made = dds_create_reader(participant, topic, nullptr, listener);
    dds_delete_listener(listener);
    return made;
  }

  std::function<void(dds_entity_t)> on_data_;
  Entity entity_;
};

}  // namespace

struct Discovery::Readers {
  Readers(Discovery& self, dds_entity_t participant)
      : participants(participant, DDS_BUILTIN_TOPIC_DCPSPARTICIPANT,
                     [&self](dds_entity_t reader) { self.take_participants(reader); }),
        publications(participant, DDS_BUILTIN_TOPIC_DCPSPUBLICATION,
                     [&self](dds_entity_t reader) { self.take_ends(reader, true); }),
        subscriptions(participant, DDS_BUILTIN_TOPIC_DCPSSUBSCRIPTION,
                      [&self](dds_entity_t reader) { self.take_ends(reader, false); }),
        info(participant, std::string(kDiscoveryInfoTopic), std::string(kDiscoveryInfoType),
             reader_qos({.reliability = bus::Reliability::kReliable,
                         .durability = bus::Durability::kTransientLocal,
                         .depth = kInfoDepth,
                         .deadline_ns = {},
                         .lifespan_ns = {}},
                        type_hash_entry(discovery_info_hash()), 0)
                 .get(),
             {.data = [&self] { self.take_info(); }, .matched = {}, .deadline = {}}) {}

  /// It is taken as it comes; more than that many at once are not expected.
  static constexpr std::uint32_t kInfoDepth = 10'000;

  BuiltinReader participants;
  BuiltinReader publications;
  BuiltinReader subscriptions;
  RawReader info;
};

Discovery::Discovery(dds_entity_t participant, WorkThread& events, const NodeTable& own)
    : own_(own), events_(events), self_(guid_of(participant)), readers_(std::make_unique<Readers>(*this, participant)) {
  listening_ = readers_.get();
  take_info();  // what came before
}

Discovery::~Discovery() {
  watch({});
}

void Discovery::take_participants(dds_entity_t reader) {
  const std::lock_guard lock(mutex_);
  drain<dds_builtintopic_participant_t>(
      reader, [this](const dds_builtintopic_participant_t& sample, const dds_sample_info_t&, bool alive) {
        const Guid guid = guid_from(sample.key);
        if (alive) {
          participants_[guid].enclave = user_data_value(announced_user_data(sample.qos), "enclave").value_or("");
        } else {
          participants_.erase(guid);
        }
      });
  post_graph();
}

void Discovery::take_ends(dds_entity_t reader, bool writers) {
  const std::lock_guard lock(mutex_);
  drain<dds_builtintopic_endpoint_t>(
      reader, [&](const dds_builtintopic_endpoint_t& sample, const dds_sample_info_t& info, bool alive) {
        if (alive) {
          appeared(sample, info.source_timestamp, writers);
        } else {
          ends_.erase(guid_from(sample.key));
        }
      });
  post_graph();
}

void Discovery::appeared(const dds_builtintopic_endpoint_t& endpoint, dds_time_t announced_at, bool writer) {
  ends_[guid_from(endpoint.key)] = {.writer = writer,
                                    .settled = false,
                                    .announced_at = announced_at,
                                    .participant = guid_from(endpoint.participant_key),
                                    .topic = endpoint.topic_name,
                                    .type = endpoint.type_name,
                                    .qos = announced_qos(endpoint.qos),
                                    .hash = type_hash_in(announced_user_data(endpoint.qos))};
  settle();
}

/// Programs of ROS name their enclave, and tell of their nodes. The clock is the same in both: what one told after it
/// announced an end has that end's node, if it has one.
bool Discovery::is_settled(const Guid& guid, const End& end) const {
  const auto participant = participants_.find(end.participant);
  if (participant == participants_.end()) {
    return false;
  }
  const Participant& its = participant->second;
  return its.enclave.empty() || its.told_at >= end.announced_at || !node_of(guid, end.participant).empty();
}

void Discovery::take_info() {
  Readers* const readers = listening_;
  if (readers == nullptr) {
    return;
  }
  const std::lock_guard taking(taking_);
  (void)readers->info.take([this, readers](const Sample& sample, const dds_sample_info_t& sample_info) {
    // Not under mutex_: it locks what Cyclone DDS holds when it calls the listeners of the built-in topics.
    const auto teller = writer_of(readers->info.entity(), sample_info.publication_handle);
    const auto info = messages::from_cdr<ParticipantEntitiesInfo>(sample.bytes());
    const std::lock_guard lock(mutex_);
    if (info && teller) {
      learn(*info, *teller, sample_info.source_timestamp);
    } else if (!info && malformed_gate_.pass(core::monotonic_now_ns())) {
      core::log(core::LogLevel::kWarning,
                "dds: malformed " + std::string(kDiscoveryInfoTopic) + " dropped: " + info.error().text());
    }
    return false;
  });
}

void Discovery::learn(const ParticipantEntitiesInfo& info, const Guid& teller, dds_time_t told_at) {
  if (!same_participant(info.gid.data, teller)) {
    if (malformed_gate_.pass(core::monotonic_now_ns())) {
      core::log(core::LogLevel::kWarning, "dds: the participant of " + service_id_text(teller) + " tells of nodes of " +
                                              service_id_text(info.gid.data) + ", which is another; dropped");
    }
    return;
  }
  const auto participant = participants_.find(info.gid.data);
  if (participant == participants_.end() || info.gid.data == self_) {
    return;  // it has gone
  }
  participant->second.nodes = info.node_entities_info_seq;
  for (NodeEntitiesInfo& node : participant->second.nodes) {
    const auto foreign = [&](const Gid& gid) { return !same_participant(gid.data, teller); };
    std::erase_if(node.reader_gid_seq, foreign);
    std::erase_if(node.writer_gid_seq, foreign);
  }
  participant->second.told_at = told_at;
  settle();
  post_graph();
}

void Discovery::settle() {
  for (auto& [guid, end] : ends_) {
    if (!end.settled && end.participant != self_ && is_settled(guid, end)) {
      end.settled = true;
      post_peers(end.topic);
    }
  }
}

void Discovery::post_peers(const std::string& topic) {
  const auto [first, last] = interested_.equal_range(topic);
  for (auto it = first; it != last; ++it) {
    if (const auto notices = it->second.lock()) {
      notices->post(kPeersNotice);
    }
  }
}

void Discovery::post_graph() {
  if (watch_) {
    watch_->post(kGraphNotice);
  }
}

void Discovery::own_nodes_changed() {
  const std::lock_guard lock(mutex_);
  post_graph();
}

void Discovery::notify(const std::string& topic, const std::shared_ptr<Notices>& notices) {
  const std::lock_guard lock(mutex_);
  std::erase_if(interested_, [](const auto& entry) { return entry.second.expired(); });
  interested_.emplace(topic, notices);
  notices->post(kPeersNotice);  // who is there already
}

void Discovery::watch(std::function<void()> on_change) {
  std::shared_ptr<Notices> next;
  if (on_change) {
    next = std::make_shared<Notices>(events_, [change = std::move(on_change)](std::uint32_t) { change(); });
    next->open();
  }
  {
    const std::lock_guard lock(mutex_);
    watch_.swap(next);
  }
  if (next) {
    next->stop();
  }
}

}  // namespace takt::dds
