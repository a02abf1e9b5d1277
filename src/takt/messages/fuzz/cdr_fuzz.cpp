// Any bytes: either a clear error, or a value that writes and reads back as itself.

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "takt/messages/cdr.hpp"
#include "takt/messages/robot_state.hpp"

namespace {

using takt::messages::RobotState;

// One of everything that has a length of its own.
using Everything =
    std::tuple<std::uint8_t, std::vector<std::string>, std::map<std::string, std::vector<std::uint16_t>>,
               std::vector<bool>, std::vector<std::pair<bool, double>>, std::vector<RobotState>,
               takt::core::BoundedVector<std::string, 2>, std::vector<std::tuple<>>, std::vector<double>>;

template <class T>
void check(std::span<const std::byte> message) {
  const auto value = takt::messages::from_cdr<T>(message);
  if (!value) {
    if (value.error().what.empty()) {
      std::abort();
    }
    return;
  }
  const auto bytes = takt::messages::to_cdr(*value);
  const auto again = takt::messages::from_cdr<T>(bytes);
  if (!again || takt::messages::to_cdr(*again) != bytes) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span message(reinterpret_cast<const std::byte*>(data), size);
  check<RobotState>(message);
  check<Everything>(message);
  return 0;
}
