#include "takt/transports/dds/internal/service_endpoints.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/messages/cdr_stream.hpp"
#include "takt/transports/dds/internal/names.hpp"
#include "takt/transports/dds/internal/qos.hpp"
#include "takt/transports/dds/internal/user_data.hpp"
#include "takt/transports/dds/internal/wire_headers.hpp"

namespace takt::dds {
namespace {

/// Both ends of one service say who they belong to: the participant and a number of ours.
std::string new_id(const Surroundings& around) {
  constexpr std::size_t kPrefix = 12;
  Guid id = guid_of(around.participant);
  std::uint32_t number = around.services.fetch_add(1) + 1;
  for (std::size_t i = id.size(); i > kPrefix; --i) {
    id[i - 1] = static_cast<std::uint8_t>(number & 0xffU);
    number >>= 8U;
  }
  return service_id_text(id);
}

/// Requests and replies are not overwritten by the next: at least so many may wait, of all clients together.
constexpr std::uint32_t kLeastDepth = 1000;

QosHandle end_qos(const Surroundings& around, const bus::ServiceEndpoint& service, bool writer,
                  const std::string& entry, const TypeHash& hash) {
  const std::string user_data = entry + ";" + type_hash_entry(hash);
  bus::Qos qos = service.qos;
  qos.depth = qos.depth == 0 ? 0 : std::max(qos.depth, kLeastDepth);
  return writer ? writer_qos(qos, user_data) : reader_qos(qos, user_data, around.keep_all_samples);
}

LocalEnd request_end(const bus::ServiceEndpoint& service, bool writer) {
  return {.writer = writer,
          .topic = request_topic(service.name),
          .type = type_to_dds(service.request.name),
          .hash = service.request.hash,
          .qos = service.qos,
          .node = service.node};
}

LocalEnd reply_end(const bus::ServiceEndpoint& service, bool writer) {
  return {.writer = writer,
          .topic = reply_topic(service.name),
          .type = type_to_dds(service.reply.name),
          .hash = service.reply.hash,
          .qos = service.qos,
          .node = service.node};
}

void require_cdr(bus::Bytes bytes) {
  if (bytes.size() < messages::kCdrHeaderSize) {
    throw LogicError("dds: a message of " + std::to_string(bytes.size()) + " bytes has no CDR header");
  }
}

bus::MessageInfo message_info(const Sample& sample, const dds_sample_info_t& info, const Guid& sender) {
  return {.received_ns = sample.received_ns,
          .source_wall_ns = info.source_timestamp,
          .sender = sender,
          .sequence = static_cast<std::uint64_t>(sample.header.sequence)};
}

/// For a server, who asked is what the client said, to be echoed, and which writer it was.
bus::RequestId request_id(const ServiceHeader& header, dds_instance_handle_t writer) {
  bus::RequestId id{.client = {}, .sequence = header.sequence};
  const auto client = std::bit_cast<std::array<std::uint8_t, 8>>(header.client);
  const auto handle = std::bit_cast<std::array<std::uint8_t, 8>>(writer);
  std::ranges::copy(handle, std::ranges::copy(client, id.client.begin()).out);
  return id;
}

std::pair<ServiceHeader, dds_instance_handle_t> from_request_id(const bus::RequestId& id) {
  std::array<std::uint64_t, 2> both{};
  static_assert(sizeof(both) == sizeof(id.client));
  both = std::bit_cast<decltype(both)>(id.client);
  return {{.client = both[0], .sequence = id.sequence}, both[1]};
}

}  // namespace

bus::Bytes BareMessage::without_header(bus::Bytes message) {
  bytes_.assign(message.begin(), message.begin() + messages::kCdrHeaderSize);
  const bus::Bytes body = message.subspan(messages::kCdrHeaderSize + kServiceHeaderSize);
  bytes_.insert(bytes_.end(), body.begin(), body.end());
  return bytes_;
}

// --- client --------------------------------------------------------------------------------------------------------

DdsClient::DdsClient(const Surroundings& around, const bus::ServiceEndpoint& service, bus::EndpointEvents events)
    : name_(service.name),
      id_("clientid=" + new_id(around)),
      peers_("serviceid", reader_, writer_),
      notices_(around, std::move(events),
               {.matched = [this] { return peers_.matched(); },
                .writable = [this] { return peers_.matched().current > 0 && refused_.exchange(false); },
                .unservable = [this] { return unreached(); }}),
      writer_(around.participant, request_topic(service.name), type_to_dds(service.request.name),
              end_qos(around, service, true, id_, service.request.hash).get(), raw_events(false),
              around.max_message_bytes),
      reader_(around.participant, reply_topic(service.name), type_to_dds(service.reply.name),
              end_qos(around, service, false, id_, service.reply.hash).get(), raw_events(true)),
      announcement_(std::in_place, around, service.node,
                    Ends{.readers = {reader_.guid()}, .writers = {writer_.guid()}}),
      writer_guid_(writer_.guid()),
      reader_guid_(reader_.guid()),
      client_(instance_of(writer_.entity())) {
  notices_.open({request_end(service, true), reply_end(service, false)});
}

void DdsClient::close() {
  notices_.stop();
  reader_.close();
  announcement_.reset();
}

RawEvents DdsClient::raw_events(bool with_data) {
  RawEvents events = notices_.raw_events(with_data);
  events.matched = [this, tell = std::move(events.matched)] {
    peers_.outdated();
    tell();
  };
  return events;
}

std::optional<Dialect> DdsClient::dialect() {
  if (const auto now = peers_.dialect()) {
    return now;
  }
  refused_ = true;  // before the second look: whoever matches after it finds this set
  return peers_.dialect();
}

void DdsClient::note(std::int64_t sequence, Dialect dialect) {
  const std::lock_guard lock(mutex_);
  if (asked_as_.empty() || asked_as_.rbegin()->second != dialect) {
    asked_as_.insert_or_assign(sequence, dialect);
  }
}

bool DdsClient::asked_as(std::int64_t sequence, Dialect dialect) const {
  const std::lock_guard lock(mutex_);
  const auto next = asked_as_.upper_bound(sequence);
  return next != asked_as_.begin() && std::prev(next)->second == dialect;
}

std::vector<Mismatch> DdsClient::unreached() {
  const std::optional<Dialect> spoken = peers_.dialect();
  std::vector<Mismatch> result;
  for (const ServicePeer& peer : peers_.all()) {
    if (peer.complete && spoken && peer.dialect != *spoken) {
      result.push_back({.peer = peer.guid,
                        .reason = fmt::format("'{}': the server {} answers as rmw_fastrtps does and another as "
                                              "rmw_cyclonedds; only the latter is asked: let there be one server",
                                              name_, service_id_text(peer.guid))});
    }
  }
  return result;
}

Expected<bus::RequestId, bus::SendError> DdsClient::request(bus::Bytes bytes) {
  require_cdr(bytes);
  const std::optional<Dialect> how = dialect();
  if (!how) {
    return Unexpected(bus::SendError::kWouldBlock);
  }
  // Also what RTPS counts, which is how the other dialect names it: this writer sends nothing else.
  const std::int64_t sequence = sent_ + 1;
  const auto header = write_service_header({.client = client_, .sequence = sequence}, bytes);
  note(sequence, *how);  // before its reply can be there
  peers_.say_from(sequence + 1);
  const auto sent = writer_.write(bytes, *how == Dialect::kCyclone ? bus::Bytes(header) : bus::Bytes());
  if (!sent) {
    peers_.say_from(sequence);
    return Unexpected(sent.error());
  }
  sent_ = sequence;
  return bus::RequestId{.client = writer_guid_, .sequence = sequence};
}

bool DdsClient::take(const bus::OnRequest& visit) {
  return reader_.take([&](const Sample& sample, const dds_sample_info_t& info) {
    std::int64_t sequence = 0;
    bus::Bytes message = sample.bytes();
    if (const auto& related = sample.header.related) {
      if (related->endpoint != writer_guid_ && related->endpoint != reader_guid_) {
        return false;
      }
      sequence = related->sequence;
      if (!asked_as(sequence, Dialect::kFast)) {
        return false;
      }
    } else {
      const auto header = read_service_header(message);
      if (!header || header->client != client_) {
        return false;  // all clients of a service see all replies
      }
      sequence = header->sequence;
      message = bare_.without_header(message);
    }
    const std::optional<ServicePeer> sender = peers_.find(info.publication_handle);
    visit({.client = writer_guid_, .sequence = sequence}, message,
          message_info(sample, info, sender ? sender->guid : Guid{}));
    return true;
  });
}

// --- server --------------------------------------------------------------------------------------------------------

DdsServer::DdsServer(const Surroundings& around, const bus::ServiceEndpoint& service, bus::EndpointEvents events)
    : name_(service.name),
      id_("serviceid=" + new_id(around)),
      peers_("clientid", reader_, writer_),
      notices_(around, std::move(events),
               {.matched = [this] { return peers_.matched(); },
                .writable = [this] { return refused_.exchange(false); },
                .unservable = [this] { return unservable(); }}),
      writer_(around.participant, reply_topic(service.name), type_to_dds(service.reply.name),
              end_qos(around, service, true, id_, service.reply.hash).get(), raw_events(false),
              around.max_message_bytes),
      reader_(around.participant, request_topic(service.name), type_to_dds(service.request.name),
              end_qos(around, service, false, id_, service.request.hash).get(), raw_events(true)),
      announcement_(std::in_place, around, service.node,
                    Ends{.readers = {reader_.guid()}, .writers = {writer_.guid()}}) {
  notices_.open({request_end(service, false), reply_end(service, true)});
}

void DdsServer::close() {
  notices_.stop();
  reader_.close();
  announcement_.reset();
}

RawEvents DdsServer::raw_events(bool with_data) {
  RawEvents events = notices_.raw_events(with_data);
  events.matched = [this, tell = std::move(events.matched)] {
    peers_.outdated();
    tell();
  };
  return events;
}

bool DdsServer::take(const bus::OnRequest& visit) {
  return reader_.take([&](const Sample& sample, const dds_sample_info_t& info) {
    const std::optional<ServicePeer> client = peers_.find(info.publication_handle);
    if (!client) {  // nor is it known whether it begins with a header
      drop("comes of a client that is not there any more");
      return false;
    }
    if (client->dialect == Dialect::kFast) {
      return false;  // told by on_incompatible
    }
    const auto header = read_service_header(sample.bytes());
    if (!header) {
      drop("has no header");
      return false;
    }
    visit(request_id(*header, info.publication_handle), bare_.without_header(sample.bytes()),
          message_info(sample, info, client->guid));
    return true;
  });
}

void DdsServer::drop(std::string_view why) {
  ++dropped_;
  if (dropped_gate_.pass(core::monotonic_now_ns())) {
    core::log(core::LogLevel::kWarning,
              fmt::format("dds: a request to '{}' {}; dropped, {} so far", name_, why, dropped_));
  }
}

Expected<void, bus::SendError> DdsServer::reply(const bus::RequestId& id, bus::Bytes bytes) {
  require_cdr(bytes);
  const auto [header, writer] = from_request_id(id);
  std::optional<ServicePeer> client = peers_.find(writer);
  if (client && !client->complete) {
    refused_ = true;  // before the second look: whoever matches after it finds this set
    client = peers_.find(writer);
  }
  if (!client || client->leaving) {
    return Unexpected(bus::SendError::kNoPeer);
  }
  if (!client->complete) {
    return Unexpected(bus::SendError::kWouldBlock);
  }
  return writer_.write(bytes, write_service_header(header, bytes));
}

std::vector<Mismatch> DdsServer::unservable() const {
  std::vector<Mismatch> result;
  for (const ServicePeer& peer : peers_.all()) {
    if (peer.dialect == Dialect::kFast) {
      result.push_back(
          {.peer = peer.guid,
           .reason = fmt::format("'{}': the client {} asks as rmw_fastrtps does, which a server on Cyclone "
                                 "DDS cannot answer; let both use rmw_cyclonedds",
                                 name_, service_id_text(peer.guid))});
    }
  }
  return result;
}

}  // namespace takt::dds
