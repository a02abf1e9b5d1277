#include "takt/transports/dds/internal/service_ends.hpp"

#include <algorithm>

#include "takt/core/error.hpp"
#include "takt/messages/cdr_stream.hpp"
#include "takt/transports/dds/internal/names.hpp"
#include "takt/transports/dds/internal/user_data.hpp"
#include "takt/transports/dds/internal/wire_headers.hpp"

namespace takt::dds {
namespace {

/// Requests and replies are not overwritten by the next: at least so many may wait, of all clients together. A reader
/// that keeps all has a bound of this kind too: one that is full would hold up all else on the transport.
constexpr std::uint32_t kLeastDepth = 1000;

}  // namespace

std::string new_service_id(const Surroundings& around) {
  constexpr std::size_t kPrefix = 12;
  Guid id = guid_of(around.participant);
  std::uint32_t number = around.services.fetch_add(1) + 1;
  for (std::size_t i = id.size(); i > kPrefix; --i) {
    id[i - 1] = static_cast<std::uint8_t>(number & 0xffU);
    number >>= 8U;
  }
  return service_id_text(id);
}

QosHandle end_qos(const Surroundings& around, const bus::ServiceEndpoint& service, bool writer,
                  const std::string& entry, const TypeHash& hash) {
  const std::string user_data = entry + ";" + type_hash_entry(hash);
  bus::Qos qos = service.qos;
  const bool keeps_all = qos.depth == 0;
  qos.depth = std::max(qos.depth, kLeastDepth);
  if (keeps_all) {
    qos.depth = writer ? 0 : std::max(around.keep_all_samples, kLeastDepth);
  }
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

bus::Bytes BareMessage::without_header(bus::Bytes message) {
  bytes_.assign(message.begin(), message.begin() + messages::kCdrHeaderSize);
  const bus::Bytes body = message.subspan(messages::kCdrHeaderSize + kServiceHeaderSize);
  bytes_.insert(bytes_.end(), body.begin(), body.end());
  return bytes_;
}

}  // namespace takt::dds
