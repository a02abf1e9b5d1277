#include "takt/transports/dds/internal/service_client.hpp"

#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "takt/transports/dds/internal/names.hpp"
#include "takt/transports/dds/internal/user_data.hpp"
#include "takt/transports/dds/internal/wire_headers.hpp"

namespace takt::dds {

DdsClient::DdsClient(const Surroundings& around, const bus::ServiceEndpoint& service, bus::EndpointEvents events)
    : name_(service.name),
      id_("clientid=" + new_service_id(around)),
      drops_(fmt::format("a reply of '{}'", service.name)),
      peers_("serviceid", reader_, writer_),
      notices_(around, std::move(events),
               {.matched = [this] { return peers_.matched(); },
                .writable = [this] { return peers_.matched().current > 0 && refused_.exchange(false); },
                .unservable = [this] { return unreached(); },
                .lost_before = [this] { return lost_before(); }}),
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
      if (!header) {
        drops_.note("has no header");
      }
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

}  // namespace takt::dds
