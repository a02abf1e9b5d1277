#include "takt/transports/dds/internal/wire_headers.hpp"

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstring>

#include "takt/messages/cdr_stream.hpp"

namespace takt::dds {
namespace {

using messages::kCdrHeaderSize;

constexpr std::byte kData{0x15};
constexpr std::byte kDataFrag{0x16};
constexpr std::byte kLittleEndian{0x01};
constexpr std::byte kHasInlineQos{0x02};
constexpr std::size_t kFixedSize = 24;     // up to and with the writer's sequence number
constexpr std::size_t kQosOffsetAt = 6;    // octetsToInlineQos counts from behind itself
constexpr std::size_t kSequenceAt = 16;    // high word, low word
constexpr std::size_t kParameterHead = 4;  // id and length
constexpr std::size_t kIdentitySize = 24;
constexpr std::uint16_t kSentinel = 0x0001;
constexpr std::uint16_t kRelatedIdentity = 0x0083;
constexpr std::uint16_t kRelatedIdentityOfFast = 0x800f;

/// A number at `offset`, in the byte order of this host or the other. @pre it lies within `bytes`.
template <std::integral T>
T number_at(std::span<const std::byte> bytes, std::size_t offset, bool swapped) {
  std::array<std::byte, sizeof(T)> raw{};
  std::memcpy(raw.data(), bytes.data() + offset, sizeof(T));
  if (swapped) {
    std::ranges::reverse(raw);
  }
  return std::bit_cast<T>(raw);
}

std::int64_t sequence_at(std::span<const std::byte> bytes, std::size_t offset, bool swapped) {
  const auto high = number_at<std::uint32_t>(bytes, offset, swapped);
  const auto low = number_at<std::uint32_t>(bytes, offset + sizeof(high), swapped);
  return static_cast<std::int64_t>((std::uint64_t{high} << 32U) | low);
}

constexpr bool is_swapped(bool little_endian) {
  return little_endian != (std::endian::native == std::endian::little);
}

SampleIdentity read_identity(std::span<const std::byte> value, bool swapped) {
  SampleIdentity identity;
  std::memcpy(identity.endpoint.data(), value.data(), identity.endpoint.size());
  identity.sequence = sequence_at(value, identity.endpoint.size(), swapped);
  return identity;
}

std::optional<SampleIdentity> find_related(std::span<const std::byte> parameters, bool swapped) {
  while (parameters.size() >= kParameterHead) {
    const auto id = number_at<std::uint16_t>(parameters, 0, swapped);
    const auto size = number_at<std::uint16_t>(parameters, 2, swapped);
    parameters = parameters.subspan(kParameterHead);
    if (id == kSentinel || size > parameters.size()) {
      return std::nullopt;
    }
    if ((id == kRelatedIdentity || id == kRelatedIdentityOfFast) && size >= kIdentitySize) {
      return read_identity(parameters, swapped);
    }
    parameters = parameters.subspan(size);
  }
  return std::nullopt;
}

bool is_little_endian(std::span<const std::byte> message) {
  return (message[1] & kLittleEndian) != std::byte{0};
}

}  // namespace

std::optional<DataHeader> read_data_header(std::span<const std::byte> submessage) {
  if (submessage.size() < kFixedSize || (submessage[0] != kData && submessage[0] != kDataFrag)) {
    return std::nullopt;
  }
  DataHeader header{.sequence = sequence_at(submessage, kSequenceAt, false), .related = std::nullopt};
  const std::size_t qos = kQosOffsetAt + 2 + number_at<std::uint16_t>(submessage, kQosOffsetAt, false);
  if ((submessage[1] & kHasInlineQos) != std::byte{0} && qos < submessage.size()) {
    header.related = find_related(submessage.subspan(qos), is_swapped(is_little_endian(submessage)));
  }
  return header;
}

std::array<std::byte, kServiceHeaderSize> write_service_header(const ServiceHeader& header,
                                                               std::span<const std::byte> message) {
  auto client = std::bit_cast<std::array<std::byte, 8>>(header.client);
  auto sequence = std::bit_cast<std::array<std::byte, 8>>(header.sequence);
  if (is_swapped(is_little_endian(message))) {
    std::ranges::reverse(client);
    std::ranges::reverse(sequence);
  }
  std::array<std::byte, kServiceHeaderSize> bytes{};
  std::ranges::copy(client, bytes.begin());
  std::ranges::copy(sequence, bytes.begin() + client.size());
  return bytes;
}

std::optional<ServiceHeader> read_service_header(std::span<const std::byte> message) {
  if (message.size() < kCdrHeaderSize + kServiceHeaderSize) {
    return std::nullopt;
  }
  const bool swapped = is_swapped(is_little_endian(message));
  return ServiceHeader{.client = number_at<std::uint64_t>(message, kCdrHeaderSize, swapped),
                       .sequence = number_at<std::int64_t>(message, kCdrHeaderSize + 8, swapped)};
}

}  // namespace takt::dds
