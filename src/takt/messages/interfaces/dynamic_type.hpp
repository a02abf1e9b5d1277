#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "takt/core/error.hpp"
#include "takt/messages/decode_error.hpp"
#include "takt/messages/sha256.hpp"
#include "takt/messages/type_description.hpp"

/// Messages of a type that is known only while the program runs, by its description: for tools.
namespace takt::messages {

/// Turns bytes of CDR into JSON and back as its description says, in the same words as `to_json` and `from_json` of a
/// declared struct (json.hpp), but that a member which the type does not have is refused when writing.
///
/// Neither the description nor the bytes are believed: what cannot be is refused with its place, and no length makes
/// room for more than the message can hold. A value; copies share what was worked out. Any thread.
class DynamicType {
 public:
  /// @param name  which of the described types; empty: the first. Defaults that cannot be read count as none.
  /// @return what is wrong with the description, or that CDR of takt cannot carry it: wide text, long double, a type
  /// inside of itself
  [[nodiscard]] static Expected<DynamicType, std::string> from(
      const type_description_interfaces::TypeDescription& description, std::string_view name = {});

  /// @param message  with its header, in either byte order
  [[nodiscard]] Expected<std::string, DecodeError> json_from_cdr(std::span<const std::byte> message) const;

  /// Members that are missing have their defaults. In the byte order of this host.
  [[nodiscard]] Expected<std::vector<std::byte>, DecodeError> cdr_from_json(std::string_view text) const;

  [[nodiscard]] const std::string& name() const noexcept;
  [[nodiscard]] const Sha256& hash() const noexcept;  ///< RIHS01, of the description

 private:
  struct Plan;
  explicit DynamicType(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}

  std::shared_ptr<const Plan> plan_;  // shared by copies; never changes
};

}  // namespace takt::messages
