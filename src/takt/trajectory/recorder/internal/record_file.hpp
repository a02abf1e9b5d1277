#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "takt/core/time.hpp"
#include "takt/trajectory/recorder/internal/channels.hpp"
#include "takt/trajectory/recorder/internal/events.hpp"
#include "takt/trajectory/recorder/internal/record.hpp"
#include "takt/trajectory/recorder/recorder.hpp"

namespace takt::trajectory::recorder::internal {

/// What the rec thread does: takes records out of the ring and writes them, flushes in time, and when the file fails,
/// says why and only empties the ring from then on. Knows of no thread and no waiting: turn() is told the time.
///
///   writing ──(anything throws)──► failed          finish() from either; nothing is done after it
class RecordFile {
 public:
  /// Writes what is known at once. @param wall_offset_ns  of the wall clock over the monotonic one. All outlive it.
  /// @throws SystemError
  RecordFile(std::unique_ptr<mcap::Sink> sink, const RecorderOptions& options, core::Nanoseconds wall_offset_ns,
             Ring& ring, Channels& channels);

  /// Writes what has come, a ring full of it at most, and flushes when the oldest record that is not flushed is half as
  /// old as flush_every_ns: the other half is for a host that runs this late.
  void turn(core::Nanoseconds now_ns) noexcept;

  /// Writes all that is in the ring, which it closes, the end of an open episode, the totals and the index. A record
  /// that somebody is filling now is refused, and counted.
  void finish(core::Nanoseconds now_ns) noexcept;

  // any thread
  [[nodiscard]] bool failed() const noexcept { return failed_.load(std::memory_order_acquire); }
  [[nodiscard]] std::string fault() const;
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t records() const noexcept { return records_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t flushes() const noexcept { return flushes_.load(std::memory_order_relaxed); }

 private:
  template <class Work>
  void guarded(Work&& work) noexcept;
  void take(Record& record) noexcept;
  void add_new_channels();
  void write(Record& record);
  void write_state(const Record& record);
  void write_note(const Record& record);
  void write_event(Record& record);
  void begin_episode(Record& record);
  void write_episode(const Record& record);
  void end_open_episode(core::Nanoseconds now_ns);
  void end_episode(EpisodeEvent& event);
  void write_dropped(core::Nanoseconds now_ns);
  void put(Channel& channel, core::Nanoseconds recorded_ns, core::Nanoseconds stamp_ns,
           std::span<const std::byte> data);
  void put(Channel& channel, core::Nanoseconds recorded_ns, std::string_view json);
  [[nodiscard]] core::Nanoseconds wall(core::Nanoseconds monotonic_ns) const noexcept;
  void flush();
  /// What was written since the last flush counts as lost when the file fails.
  void count_lost();

  const RecorderOptions options_;
  const core::Nanoseconds wall_offset_ns_;
  Ring& ring_;
  Channels& channels_;
  std::size_t channels_added_{0};
  std::vector<std::byte> scratch_;

  Channel& episodes_;
  Channel& dropped_;
  std::uint32_t episode_{0};
  core::Nanoseconds first_ns_{0};
  core::Nanoseconds last_ns_{0};
  std::optional<core::Nanoseconds> oldest_unflushed_ns_;
  bool finished_{false};

  std::atomic<bool> failed_{false};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> records_{0};
  std::atomic<std::uint64_t> flushes_{0};
  mutable std::mutex fault_mutex_;
  std::string fault_;

  mcap::Sink& sink_;  ///< the writer's
  std::unique_ptr<mcap::Writer> writer_;
};

}  // namespace takt::trajectory::recorder::internal
