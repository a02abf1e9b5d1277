#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "takt/transports/dds/internal/endpoint_notices.hpp"
#include "takt/transports/dds/internal/qos.hpp"

/// What a client and a server have in common: two ends on DDS, which say whose they are, and what they carry.
namespace takt::dds {

/// Both ends of one service say who they belong to: the participant and a number of ours.
[[nodiscard]] std::string new_service_id(const Surroundings& around);

/// @param entry  "clientid=…" or "serviceid=…"
[[nodiscard]] QosHandle end_qos(const Surroundings& around, const bus::ServiceEndpoint& service, bool writer,
                                const std::string& entry, const TypeHash& hash);

[[nodiscard]] LocalEnd request_end(const bus::ServiceEndpoint& service, bool writer);
[[nodiscard]] LocalEnd reply_end(const bus::ServiceEndpoint& service, bool writer);

/// @throws LogicError without a CDR header
void require_cdr(bus::Bytes bytes);

[[nodiscard]] bus::MessageInfo message_info(const Sample& sample, const dds_sample_info_t& info, const Guid& sender);

/// A message without the header that stood before its body: bytes in one piece, made anew for each.
class BareMessage {
 public:
  /// @pre read_service_header(message)
  [[nodiscard]] bus::Bytes without_header(bus::Bytes message);

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace takt::dds
