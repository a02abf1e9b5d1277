#include "takt/transports/dds/internal/service_server.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>

#include "takt/transports/dds/internal/names.hpp"
#include "takt/transports/dds/internal/user_data.hpp"
#include "takt/transports/dds/internal/wire_headers.hpp"

namespace takt::dds {
namespace {

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

DdsServer::DdsServer(const Surroundings& around, const bus::ServiceEndpoint& service, bus::EndpointEvents events)
    : name_(service.name),
      id_("serviceid=" + new_service_id(around)),
      drops_(fmt::format("a request to '{}'", service.name)),
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
      drops_.note("comes of a client that is not there any more");
      return false;
    }
    if (client->dialect == Dialect::kFast) {
      return false;  // told by on_incompatible
    }
    const auto header = read_service_header(sample.bytes());
    if (!header) {
      drops_.note("has no header");
      return false;
    }
    visit(request_id(*header, info.publication_handle), bare_.without_header(sample.bytes()),
          message_info(sample, info, client->guid));
    return true;
  });
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
