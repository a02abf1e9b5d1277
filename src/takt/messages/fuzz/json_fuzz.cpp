// Any bytes: either a clear error, or a state that writes and reads back as itself.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "takt/messages/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using takt::messages::RobotState;
  const auto state = takt::messages::from_json<RobotState>({reinterpret_cast<const char*>(data), size});
  if (!state) {
    if (state.error().what.empty()) {
      std::abort();
    }
    return 0;
  }
  const std::string text = takt::messages::to_json(*state);
  const auto again = takt::messages::from_json<RobotState>(text);
  if (!again || takt::messages::to_json(*again) != text) {
    std::abort();
  }
  return 0;
}
