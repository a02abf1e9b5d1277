// Any bytes are either a sound recording or refused by a ConfigError of one line. The first byte chooses group and
// segment.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "takt/core/csv/recording.hpp"
#include "takt/core/error.hpp"

namespace {

using takt::core::csv::Recording;
using takt::core::csv::RecordingOptions;
using takt::core::csv::RecordingRow;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void require_sound(const RecordingRow& row) {
  require(std::isfinite(row.t_s) && !row.positions_rad.empty() && row.positions_rad.all_finite());
  require(!row.gripper || (*row.gripper >= 0.0 && *row.gripper <= 1.0));
}

void require_sound(const Recording& recording) {
  require(!recording.rows.empty());
  for (std::size_t i = 0; i < recording.rows.size(); ++i) {
    const RecordingRow& row = recording.rows[i];
    require_sound(row);
    require(row.positions_rad.size() == recording.joint_names.size());
    require(i == 0 || row.t_s > recording.rows[i - 1].t_s);
  }
  require(recording.first_row(recording.group) == recording.rows.front());
}

template <class Action>
void accept_config_error(Action action) {
  try {
    action();
  } catch (const takt::ConfigError& error) {
    require(std::string_view(error.what()).find_first_of("\r\n") == std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  RecordingOptions options;
  options.group = (data[0] & 1U) != 0 ? "q" : "target";
  if ((data[0] & 2U) != 0) {
    options.segment = (data[0] >> 2U) & 3U;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  accept_config_error([&] {
    const Recording recording = takt::core::csv::parse_recording(text, "fuzz", options);
    require_sound(recording);
    for (const std::string& group : recording.columns.groups()) {
      require(!recording.columns.group(group).empty());
      accept_config_error([&] { require_sound(recording.first_row(group).value()); });
    }
  });
  return 0;
}
