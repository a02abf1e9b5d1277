#include "takt/transports/dds/internal/discovery.hpp"

#include <algorithm>
#include <array>

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

/// Gives all samples of a built-in topic to `visit(const T&, bool alive)`; of what has gone only the key is filled.
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
      visit(*static_cast<const T*>(samples[i]), infos[i].valid_data && infos[i].instance_state == DDS_IST_ALIVE);
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
                        type_hash_entry(kDiscoveryInfoHash), 0)
                 .get(),
             {.data = [&self] { self.take_info(); }, .matched = {}, .deadline = {}}) {}

  /// It is taken as it comes; more than that many at once are not expected.
  static constexpr std::uint32_t kInfoDepth = 10'000;

  BuiltinReader participants;
  BuiltinReader publications;
  BuiltinReader subscriptions;
  RawReader info;
};

Discovery::Discovery(dds_entity_t participant, EventThread& events, const NodeTable& own)
    : own_(own), events_(events), self_(guid_of(participant)), readers_(std::make_unique<Readers>(*this, participant)) {
  listening_ = readers_.get();
  take_info();  // what came before
}

Discovery::~Discovery() {
  watch({});
}

void Discovery::take_participants(dds_entity_t reader) {
  const std::lock_guard lock(mutex_);
  drain<dds_builtintopic_participant_t>(reader, [this](const dds_builtintopic_participant_t& sample, bool alive) {
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
  drain<dds_builtintopic_endpoint_t>(reader, [&](const dds_builtintopic_endpoint_t& sample, bool alive) {
    if (alive) {
      appeared(sample, writers);
    } else {
      ends_.erase(guid_from(sample.key));
    }
  });
  post_graph();
}

void Discovery::appeared(const dds_builtintopic_endpoint_t& endpoint, bool writer) {
  const Guid guid = guid_from(endpoint.key);
  End end{.writer = writer,
          .settled = false,
          .participant = guid_from(endpoint.participant_key),
          .topic = endpoint.topic_name,
          .type = endpoint.type_name,
          .qos = announced_qos(endpoint.qos),
          .hash = type_hash_in(announced_user_data(endpoint.qos))};
  end.settled = !tells_nodes(end.participant) || nodes_of_ends({}).contains(guid);
  const bool tell = end.settled && end.participant != self_;
  const std::string topic = end.topic;
  ends_[guid] = std::move(end);
  if (tell) {
    post_peers(topic);
  }
}

bool Discovery::tells_nodes(const Guid& participant) const {
  return std::ranges::any_of(ends_, [&](const auto& entry) {
    return entry.second.writer && entry.second.participant == participant && entry.second.topic == kDiscoveryInfoTopic;
  });
}

void Discovery::take_info() {
  const std::lock_guard lock(mutex_);
  Readers* const readers = listening_;
  if (readers == nullptr) {
    return;
  }
  (void)readers->info.take([this](const Sample& sample, const dds_sample_info_t&) {
    if (const auto info = messages::from_cdr<ParticipantEntitiesInfo>(sample.bytes())) {
      learn(*info);
    } else if (malformed_gate_.pass(core::monotonic_now_ns())) {
      core::log(core::LogLevel::kWarning,
                "dds: malformed " + std::string(kDiscoveryInfoTopic) + " dropped: " + info.error().text());
    }
    return false;
  });
}

void Discovery::learn(const ParticipantEntitiesInfo& info) {
  const auto participant = participants_.find(info.gid.data);
  if (participant == participants_.end() || info.gid.data == self_) {
    return;  // it has gone, or somebody speaks for another
  }
  participant->second.nodes = info.node_entities_info_seq;
  settle(info.gid.data);
  post_graph();
}

void Discovery::settle(const Guid& participant) {
  for (auto& [guid, end] : ends_) {
    if (end.participant == participant && !end.settled) {
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
