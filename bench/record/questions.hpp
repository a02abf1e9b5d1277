#pragma once

#include <cstddef>
#include <cstdint>

#include "result.hpp"

/// What `record_bench` asks: one function per question, each in its own file, each adds its figures and notes.
namespace takt::bench {

/// How much of everything.
struct RecordPlan {
  int throughput_slices{15};
  std::size_t slice_bytes{std::size_t{128} << 20U};  ///< of payload that a slice writes
  int seek_slices{9};
  int seeks{300};  ///< in a slice
  std::uint32_t recording_s{3600};
  int stall_slices{15};
};

/// A look at all rows within a quarter of a minute; its figures say little.
[[nodiscard]] inline RecordPlan quick_record_plan() {
  return {.throughput_slices = 3,
          .slice_bytes = std::size_t{16} << 20U,
          .seek_slices = 2,
          .seeks = 50,
          .recording_s = 600,
          .stall_slices = 2};
}

/// How long does a message take into a file, beside write(2) of the file's bytes?
void ask_throughput(Result& result, const RecordPlan& plan);

/// How long until the first message of a moment is there, in an hour of 1 kHz?
void ask_seek(Result& result, const RecordPlan& plan);

/// How much longer does a cycle of a 1 kHz control thread take when what it does is recorded?
void ask_stall(Result& result, const RecordPlan& plan);

}  // namespace takt::bench
