#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "takt/messages/cdr.hpp"
#include "takt/transports/dds/internal/names.hpp"
#include "takt/transports/dds/internal/participant_info.hpp"
#include "takt/transports/dds/internal/user_data.hpp"
#include "takt/transports/dds/internal/wire_headers.hpp"

namespace {

void check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

// Everything of a stranger that the transport reads itself: submessages, service headers, USER_DATA, names of topics
// and types, ros_discovery_info.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace takt::dds;
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)read_data_header(bytes);
  if (const auto header = read_service_header(bytes)) {
    const auto written = write_service_header(*header, bytes);
    check(std::ranges::equal(written, bytes.subspan(4, kServiceHeaderSize)));
  }
  (void)user_data_value(text, "serviceid");
  const TypeHash hash = type_hash_in(text);
  check(type_hash_in(type_hash_entry(hash)) == hash);
  (void)topic_from_dds(text);
  (void)service_of_type(type_from_dds(text));
  (void)takt::messages::from_cdr<ParticipantEntitiesInfo>(bytes);
  return 0;
}
