// Any bytes as any shipped message, in CDR or JSON: either a clear error, or a value whose JSON says the same value
// again. The first two bytes choose the message.

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "takt/messages/interfaces/known_types.hpp"

namespace {

using takt::messages::KnownType;

void check_cdr(const KnownType& type, std::span<const std::byte> message) {
  const auto json = type.json_from_cdr(message);
  if (!json) {
    if (json.error().what.empty()) {
      std::abort();
    }
    return;
  }
  // Bounded texts and what is not UTF-8 may be cut on the way through JSON, once.
  const auto bytes = type.cdr_from_json(*json);
  if (!bytes) {
    std::abort();
  }
  const auto again = type.json_from_cdr(*bytes);
  if (!again || *again != *json) {
    std::abort();
  }
}

void check_json(const KnownType& type, std::string_view text) {
  const auto bytes = type.cdr_from_json(text);
  if (!bytes) {
    if (bytes.error().what.empty()) {
      std::abort();
    }
    return;
  }
  if (!type.json_from_cdr(*bytes)) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const auto types = takt::messages::known_types();
  const KnownType& type = types[(data[0] + 256U * data[1]) % types.size()];
  if (type.json_from_cdr == nullptr) {
    return 0;
  }
  const std::span message(reinterpret_cast<const std::byte*>(data) + 2, size - 2);
  check_cdr(type, message);
  check_json(type, {reinterpret_cast<const char*>(message.data()), message.size()});
  return 0;
}
