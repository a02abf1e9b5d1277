// Two bytes of length; so many bytes as a type description, and the rest of them as a message of that type, of a
// shipped type and as JSON of it: either a clear error, or a value that is written and read back as itself.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "takt/messages/cdr.hpp"
#include "takt/messages/interfaces/dynamic_type.hpp"
#include "takt/messages/packages/diagnostic_msgs.hpp"
#include "takt/messages/packages/type_description_interfaces.hpp"

namespace {

using takt::messages::DynamicType;
using takt::type_description_interfaces::TypeDescription;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void check(const DynamicType& type, std::span<const std::byte> message) {
  const auto json = type.json_from_cdr(message);
  require(json || !json.error().what.empty());
  if (json) {
    const auto bytes = type.cdr_from_json(*json);
    require(bytes && type.json_from_cdr(*bytes) == *json);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const DynamicType kShipped =
      *DynamicType::from(takt::messages::ros_type<takt::diagnostic_msgs::DiagnosticArray>().description);
  if (size < 2) {
    return 0;
  }
  const std::span<const std::byte> rest(reinterpret_cast<const std::byte*>(data) + 2, size - 2);
  const std::size_t described = std::min<std::size_t>(rest.size(), data[0] + 256U * data[1]);
  const auto first = rest.first(described);
  const auto second = rest.subspan(described);
  check(kShipped, second);
  const auto from_text = kShipped.cdr_from_json({reinterpret_cast<const char*>(second.data()), second.size()});
  require(!from_text || kShipped.json_from_cdr(*from_text));
  const auto description = takt::messages::from_cdr<TypeDescription>(first);
  const auto type = description
                        ? DynamicType::from(*description)
                        : takt::Expected<DynamicType, std::string>(std::unexpected(std::string("no description")));
  require(type || !type.error().empty());
  if (type) {
    check(*type, second);
  }
  return 0;
}
