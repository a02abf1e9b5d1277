#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What ROS 2 writes into the USER_DATA of participants and endpoints: "key=value;key=value;", in ASCII.
namespace takt::dds {

/// Names an endpoint or a participant: 12 bytes of the participant, 4 of the entity, as on the wire.
using Guid = std::array<std::uint8_t, 16>;

/// RIHS01 of a type; all zero when unknown.
using TypeHash = std::array<std::uint8_t, 32>;

/// The value of the first `key` in `data`; nothing when it is not there. A value ends at ';' or with the data.
[[nodiscard]] std::optional<std::string> user_data_value(std::string_view data, std::string_view key);

/// "typehash=RIHS01_<64 digits>;", or nothing for an unknown hash.
[[nodiscard]] std::string type_hash_entry(const TypeHash& hash);
/// What such an entry in `data` says; all zero when there is none, or none that can be read.
[[nodiscard]] TypeHash type_hash_in(std::string_view data);

/// How a service end is written: 16 bytes in hex, separated by '.', the first two characters wide.
[[nodiscard]] std::string service_id_text(const Guid& id);

}  // namespace takt::dds
