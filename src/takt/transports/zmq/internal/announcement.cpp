#include "takt/transports/zmq/internal/announcement.hpp"

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>
#include <vector>

#include "takt/bus/matching.hpp"
#include "takt/bus/wire.hpp"

namespace takt::zmq::internal {
namespace {

void write_text(bus::WireWriter& writer, const std::string& text) {
  writer.number(static_cast<std::uint16_t>(text.size()));
  writer.text(text);
}

/// Not longer than it may be; what is longer is as if it were not there.
std::string read_text(bus::WireReader& reader) {
  const auto size = reader.number<std::uint16_t>();
  return std::string(reader.text(size > kMaxTextBytes ? SIZE_MAX : size));
}

bool offers_to(Kind one, Kind other) noexcept {
  return (one == Kind::kPublisher && other == Kind::kSubscription) || (one == Kind::kServer && other == Kind::kClient);
}

bus::TopicEndpoint topic_of(const Announcement& from) {
  return {.name = from.name, .type = from.type, .qos = from.qos, .node = from.node};
}

bus::ServiceEndpoint service_of(const Announcement& from) {
  return {.name = from.name, .request = from.type, .reply = from.reply, .qos = from.qos, .node = from.node};
}

}  // namespace

std::uint64_t random_number() {
  std::random_device random;
  return (std::uint64_t{random()} << 32U) | std::uint64_t{random()};
}

std::uint64_t process_of(const EndpointId& id) noexcept {
  std::uint64_t process = 0;
  std::memcpy(&process, id.data(), sizeof(process));
  return process;
}

std::uint64_t number_of(const EndpointId& id) noexcept {
  std::uint64_t number = 0;
  std::memcpy(&number, id.data() + sizeof(number), sizeof(number));
  return number;
}

EndpointId make_id(std::uint64_t process, std::uint64_t number) noexcept {
  const std::array<std::uint64_t, 2> words{process, number};
  EndpointId id{};
  std::memcpy(id.data(), words.data(), id.size());
  return id;
}

std::vector<std::byte> write_announcement(const Announcement& announcement) {
  std::vector<std::byte> bytes;
  bus::WireWriter writer(bytes);
  writer.number(static_cast<std::uint8_t>(announcement.kind));
  writer.number(number_of(announcement.id));
  writer.number(static_cast<std::uint8_t>(announcement.qos.reliability));
  writer.number(static_cast<std::uint8_t>(announcement.qos.durability));
  writer.number(announcement.qos.depth);
  writer.number(announcement.window);
  write_text(writer, announcement.name);
  write_text(writer, announcement.node);
  for (const bus::TypeId* type : {&announcement.type, &announcement.reply}) {
    write_text(writer, type->name);
    writer.array(type->hash);
  }
  return bytes;
}

std::string_view text_of(AnnouncementFault fault) noexcept {
  switch (fault) {
    case AnnouncementFault::kKind:
      return "an announcement of a kind that this version does not know";
    case AnnouncementFault::kQuality:
      return "an announcement of a quality of service that this version does not know";
    case AnnouncementFault::kTruncated:
      return "an announcement that ends too early, or has a text that is too long";
    case AnnouncementFault::kText:
      return "an announcement without a name";
    case AnnouncementFault::kTrailing:
      return "an announcement with something behind its end";
  }
  return "?";
}

Expected<Announcement, AnnouncementFault> read_announcement(bus::Bytes bytes, std::uint64_t process) {
  bus::WireReader reader(bytes);
  Announcement read;
  const auto kind = reader.number<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(Kind::kNode)) {
    return Unexpected(AnnouncementFault::kKind);
  }
  read.kind = static_cast<Kind>(kind);
  read.id = make_id(process, reader.number<std::uint64_t>());
  const auto reliability = reader.number<std::uint8_t>();
  const auto durability = reader.number<std::uint8_t>();
  if (reliability > 1 || durability > 1) {
    return Unexpected(AnnouncementFault::kQuality);
  }
  read.qos.reliability = static_cast<bus::Reliability>(reliability);
  read.qos.durability = static_cast<bus::Durability>(durability);
  read.qos.depth = reader.number<std::uint32_t>();
  read.window = reader.number<std::uint32_t>();
  read.name = read_text(reader);
  read.node = read_text(reader);
  for (bus::TypeId* const type : {&read.type, &read.reply}) {
    type->name = read_text(reader);
    type->hash = reader.array<32>();
  }
  if (!reader.ok()) {
    return Unexpected(AnnouncementFault::kTruncated);
  }
  if (!reader.rest().empty()) {
    return Unexpected(AnnouncementFault::kTrailing);
  }
  if (read.name.empty()) {
    return Unexpected(AnnouncementFault::kText);
  }
  return read;
}

bus::EndpointInfo info_of(const Announcement& announcement) {
  constexpr std::array kKinds{bus::EndpointInfo::Kind::kPublisher, bus::EndpointInfo::Kind::kSubscription,
                              bus::EndpointInfo::Kind::kClient, bus::EndpointInfo::Kind::kServer};
  const bool is_topic = announcement.kind == Kind::kPublisher || announcement.kind == Kind::kSubscription;
  return {.kind = kKinds.at(static_cast<std::size_t>(announcement.kind)),
          .node = announcement.node,
          .name = announcement.name,
          .type = is_topic ? announcement.type : bus::service_type(announcement.type),
          .qos = announcement.qos,
          .id = announcement.id};
}

bool belong_together(const Announcement& one, const Announcement& other) noexcept {
  return one.name == other.name && (offers_to(one.kind, other.kind) || offers_to(other.kind, one.kind));
}

std::optional<std::string> find_mismatch(const Announcement& one, const Announcement& other) {
  const bool offers = offers_to(one.kind, other.kind);
  const Announcement& offering = offers ? one : other;
  const Announcement& asking = offers ? other : one;
  return offering.kind == Kind::kPublisher ? bus::find_mismatch(topic_of(offering), topic_of(asking))
                                           : bus::find_mismatch(service_of(offering), service_of(asking));
}

}  // namespace takt::zmq::internal
