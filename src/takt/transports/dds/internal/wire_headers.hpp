#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "takt/transports/dds/internal/user_data.hpp"

/// What stands around a message on the wire that takt reads itself: the DATA submessage of RTPS, for who answers what,
/// and the 16 bytes with which rmw_cyclonedds begins requests and replies.
namespace takt::dds {

/// Names a sample: the endpoint that wrote it and its count there.
struct SampleIdentity {
  Guid endpoint{};
  std::int64_t sequence{0};
  friend bool operator==(const SampleIdentity&, const SampleIdentity&) = default;
};

/// What a DATA or DATA_FRAG submessage says of its sample.
struct DataHeader {
  std::int64_t sequence{0};               ///< the writer's count, from 1
  std::optional<SampleIdentity> related;  ///< what it answers, for those who say so in the inline QoS
};

/// Reads from the begin of a submessage up to its payload, as Cyclone DDS hands it over: the fixed fields checked and
/// in the byte order of this host, the inline QoS as it was sent. Nothing when `submessage` is no such thing; `related`
/// is empty when the inline QoS is damaged. (RTPS 2.2, 8.3.7.2 and 9.4.2.11; related sample identity: 0x0083 of
/// DDS-RPC, and 0x800f, which Fast DDS sends.)
[[nodiscard]] std::optional<DataHeader> read_data_header(std::span<const std::byte> submessage);

/// Before the body of a request or reply of rmw_cyclonedds: who asked, and its how-manieth request.
struct ServiceHeader {
  std::uint64_t client{0};
  std::int64_t sequence{0};
  friend bool operator==(const ServiceHeader&, const ServiceHeader&) = default;
};
inline constexpr std::size_t kServiceHeaderSize = 16;

/// The bytes that go between the CDR header `encapsulation` (4 bytes) and the body, in its byte order.
/// @pre message.size() >= 4
[[nodiscard]] std::array<std::byte, kServiceHeaderSize> write_service_header(const ServiceHeader& header,
                                                                             std::span<const std::byte> message);

/// The header of a message that has one; nothing when `message` is too short for it. The body is at 20.
[[nodiscard]] std::optional<ServiceHeader> read_service_header(std::span<const std::byte> message);

}  // namespace takt::dds
