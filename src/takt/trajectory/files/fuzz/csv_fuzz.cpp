// Any bytes are either a trajectory, which is exported and imported as itself, or refused by a ConfigError of one line.
// The first byte chooses group and segment.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "takt/core/csv/recording.hpp"
#include "takt/core/error.hpp"
#include "takt/trajectory/files/csv_file.hpp"

namespace {

using takt::trajectory::Trajectory;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

template <class Action>
auto unless_refused(Action action) -> std::optional<decltype(action())> {
  try {
    return action();
  } catch (const takt::ConfigError& error) {
    require(std::string_view(error.what()).find_first_of("\r\n") == std::string_view::npos);
  }
  return std::nullopt;
}

void require_same(const Trajectory& found, const Trajectory& made) {
  require(found.size() == made.size() && found.info().joint_names == made.info().joint_names);
  for (std::size_t i = 0; i < made.size(); ++i) {
    const auto a = made.frame(i);
    const auto b = found.frame(i);
    require(b.t_ns == a.t_ns && b.q_rad == a.q_rad && b.dq_rad_s == a.dq_rad_s);
    require(std::abs(b.gripper.value_or(0.0) - a.gripper.value_or(0.0)) < 1e-12);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  takt::trajectory::files::CsvOptions options;
  options.group = (data[0] & 1U) != 0 ? "q" : "";
  if ((data[0] & 2U) != 0) {
    options.segment = (data[0] >> 2U) & 3U;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  unless_refused([&] { return takt::core::csv::list_segments(text, "fuzz"); });
  const auto made = unless_refused([&] { return takt::trajectory::files::parse_csv(text, "fuzz", options); });
  if (!made || made->duration_ns() > 1'000'000'000'000'000) {  // beyond it a double does not hold nanoseconds
    return 0;
  }
  const auto written = unless_refused([&] { return takt::trajectory::files::csv_text(*made); });
  if (written) {
    require_same(takt::trajectory::files::parse_csv(*written, "again", {.group = "q"}), *made);
  }
  return 0;
}
