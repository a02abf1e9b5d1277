#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "takt/core/error.hpp"
#include "takt/messages/interfaces/interface_file.hpp"

namespace takt::messages {

/// `text` as a value of one element of `type`, which is no message: checked for its range, written as InterfaceValue
/// has it.
/// @return what is wrong with it otherwise.
[[nodiscard]] Expected<InterfaceValue, std::string> parse_value(const InterfaceFieldType& type, std::string_view text);

/// "[1, 2, 3]", each as parse_value has it.
[[nodiscard]] Expected<std::vector<InterfaceValue>, std::string> parse_values(const InterfaceFieldType& type,
                                                                              std::string_view text);

/// `text` without blanks at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Where the comment of a line begins: the first '#' that is in no quotes; its size when there is none.
[[nodiscard]] std::size_t comment_at(std::string_view line);

}  // namespace takt::messages
