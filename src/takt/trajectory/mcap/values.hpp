#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "takt/core/time.hpp"

/// MCAP files (https://mcap.dev/spec): docs/formats/mcap.md. Times are ns since 1970 (UTC), as the file has them.
namespace takt::trajectory::mcap {

/// Of chunks. A chunk that would not get smaller is stored as it is.
enum class Compression : std::uint8_t { kNone, kLz4, kZstd };

/// "", "lz4", "zstd": as in the file.
[[nodiscard]] const char* to_text(Compression compression) noexcept;

/// Numbers that a file gives its schemas (from 1) and channels; kNoSchema: a channel's messages have none.
enum class SchemaId : std::uint16_t {};
enum class ChannelId : std::uint16_t {};
inline constexpr SchemaId kNoSchema{0};

struct Schema {
  SchemaId id{};
  std::string name{};             ///< "sensor_msgs/msg/JointState"
  std::string encoding{};         ///< "ros2msg", "jsonschema"
  std::vector<std::byte> data{};  ///< the definition, as the encoding has it

  friend bool operator==(const Schema&, const Schema&) = default;
};

struct Channel {
  ChannelId id{};
  SchemaId schema{};
  std::string topic{};
  std::string message_encoding{};  ///< "cdr", "json"
  std::map<std::string, std::string> metadata{};

  friend bool operator==(const Channel&, const Channel&) = default;
};

/// One message. `data` is the reader's: valid until its range moves on.
struct Message {
  ChannelId channel{};
  std::uint32_t sequence{0};
  core::Nanoseconds log_time_ns{0};
  core::Nanoseconds publish_time_ns{0};
  std::span<const std::byte> data{};
};

/// A file within the file.
struct Attachment {
  core::Nanoseconds log_time_ns{0};
  core::Nanoseconds create_time_ns{0};
  std::string name{};
  std::string media_type{};
  std::vector<std::byte> data{};

  friend bool operator==(const Attachment&, const Attachment&) = default;
};

/// Words about the file. A name may occur several times.
struct Metadata {
  std::string name{};
  std::map<std::string, std::string> values{};

  friend bool operator==(const Metadata&, const Metadata&) = default;
};

/// What a file holds.
struct Statistics {
  std::uint64_t messages{0};
  std::uint64_t chunks{0};
  std::uint64_t attachments{0};
  std::uint64_t metadata{0};
  core::Nanoseconds first_log_time_ns{0};  ///< the smallest; 0 without messages
  core::Nanoseconds last_log_time_ns{0};   ///< the greatest
  std::map<ChannelId, std::uint64_t> messages_of{};

  friend bool operator==(const Statistics&, const Statistics&) = default;
};

}  // namespace takt::trajectory::mcap
