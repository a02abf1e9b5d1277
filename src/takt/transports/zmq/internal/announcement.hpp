#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "takt/bus/sequence_gaps.hpp"
#include "takt/bus/transport.hpp"
#include "takt/core/error.hpp"

/// What processes say of themselves: docs/formats/zmq.md.
namespace takt::zmq::internal {

using bus::EndpointId;

inline constexpr std::uint8_t kVersion = 4;
inline constexpr std::size_t kMaxTextBytes = 1024;

enum class Kind : std::uint8_t { kPublisher, kSubscription, kClient, kServer, kNode };

/// An endpoint or a node. A value.
struct Announcement {
  Kind kind{Kind::kNode};
  EndpointId id{};
  bus::Qos qos{};
  std::uint32_t window{0};  ///< messages that each sender may have on the way to it at first
  std::string name;
  std::string node;  ///< of a node: its enclave
  bus::TypeId type;  ///< of a service: of its request
  bus::TypeId reply;
  friend bool operator==(const Announcement&, const Announcement&) = default;
};

/// New each time: two processes, or two lives of one, are never taken for the same, and nobody can guess it.
[[nodiscard]] std::uint64_t random_number();

/// The process number in an id.
[[nodiscard]] std::uint64_t process_of(const EndpointId& id) noexcept;
/// An endpoint's number within its process.
[[nodiscard]] std::uint64_t number_of(const EndpointId& id) noexcept;
[[nodiscard]] EndpointId make_id(std::uint64_t process, std::uint64_t number) noexcept;

/// @pre texts of at most kMaxTextBytes
[[nodiscard]] std::vector<std::byte> write_announcement(const Announcement& announcement);

enum class AnnouncementFault : std::uint8_t { kKind, kQuality, kTruncated, kText, kTrailing };
[[nodiscard]] std::string_view text_of(AnnouncementFault fault) noexcept;

/// Any bytes. @param process  who says so
[[nodiscard]] Expected<Announcement, AnnouncementFault> read_announcement(bus::Bytes bytes, std::uint64_t process);

/// As bus::Graph shows it. @pre an endpoint
[[nodiscard]] bus::EndpointInfo info_of(const Announcement& announcement);

/// True when the two are of one name, and the one publishes or serves what the other subscribes to or asks.
[[nodiscard]] bool belong_together(const Announcement& one, const Announcement& other) noexcept;

/// Why they cannot be matched; empty when they can. @pre belong_together
[[nodiscard]] std::optional<std::string> find_mismatch(const Announcement& one, const Announcement& other);

}  // namespace takt::zmq::internal
