#include "bare_dds.hpp"

#include <memory>

#include <unistd.h>

#include "takt/core/error.hpp"

#include "domains.hpp"

namespace takt::bench {
namespace {

constexpr const char* kConfiguration =
    "<CycloneDDS><Domain Id=\"any\"><General><Interfaces><NetworkInterface address=\"127.0.0.1\"/></Interfaces>"
    "<AllowMulticast>false</AllowMulticast></General><Discovery><ParticipantIndex>auto</ParticipantIndex>"
    "<MaxAutoParticipantIndex>31</MaxAutoParticipantIndex><Peers><Peer address=\"127.0.0.1\"/></Peers></Discovery>"
    "</Domain></CycloneDDS>";

struct DeleteQos {
  void operator()(dds_qos_t* qos) const noexcept { dds_delete_qos(qos); }
};

std::unique_ptr<dds_qos_t, DeleteQos> default_qos() {
  constexpr int kKept = 10;
  std::unique_ptr<dds_qos_t, DeleteQos> qos(dds_create_qos());
  dds_qset_reliability(qos.get(), DDS_RELIABILITY_RELIABLE, DDS_MSECS(100));
  dds_qset_history(qos.get(), DDS_HISTORY_KEEP_LAST, kKept);
  return qos;
}

}  // namespace

const char* loopback_configuration() noexcept {
  return kConfiguration;
}

Domains own_domains() {
  constexpr std::uint32_t kPairs = 45;  // domains above 101 have ports that the system gives away by itself
  const auto pair = static_cast<std::uint32_t>(getpid()) % kPairs;
  return {.takt = 10 + (2 * pair), .bare = 11 + (2 * pair)};
}

dds_entity_t checked(dds_entity_t made, const char* what) {
  if (made < 0) {
    throw SystemError(std::string("bench: Cyclone DDS gives no ") + what + ": " + dds_strretcode(-made));
  }
  return made;
}

BareParticipant::BareParticipant(std::uint32_t domain)
    : domain_(checked(dds_create_domain(domain, kConfiguration), "domain")),
      participant_(checked(dds_create_participant(domain, nullptr, nullptr), "participant")) {}

BareParticipant::~BareParticipant() {
  (void)dds_delete(domain_);
}

dds_entity_t BareParticipant::topic(const dds_topic_descriptor_t& type, const std::string& name) const {
  return checked(dds_create_topic(participant_, &type, name.c_str(), nullptr, nullptr), "topic");
}

dds_entity_t BareParticipant::writer(const dds_topic_descriptor_t& type, const std::string& name) const {
  return checked(dds_create_writer(participant_, topic(type, name), default_qos().get(), nullptr), "writer");
}

dds_entity_t BareParticipant::reader(const dds_topic_descriptor_t& type, const std::string& name,
                                     const dds_listener_t* listener) const {
  return checked(dds_create_reader(participant_, topic(type, name), default_qos().get(), listener), "reader");
}

}  // namespace takt::bench
