#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "takt/core/fixed_string.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/realtime/mpsc_ring.hpp"
#include "takt/trajectory/mcap/writer.hpp"

/// What lies in a recorder's ring.
namespace takt::trajectory::recorder::internal {

/// What a channel is called in the file, and what its messages are.
struct ChannelSpec {
  std::string topic;
  std::string encoding;  ///< of the messages: "cdr", "json"
  std::string schema_name;
  std::string schema_encoding;
  std::string schema;
  std::map<std::string, std::string> metadata;
};

/// A channel of a recording that is being made.
struct Channel {
  explicit Channel(ChannelSpec what) : spec(std::move(what)) {}

  const ChannelSpec spec;
  std::atomic<std::uint64_t> dropped{0};  ///< any thread

  // the rec thread's
  std::optional<mcap::ChannelId> id{};
  std::uint32_t sequence{0};
  std::uint64_t dropped_written{0};  ///< `dropped`, as it was last written into the file
  std::uint64_t unflushed{0};        ///< written since the last flush
  std::uint64_t episode_frames{0};   ///< since the episode began
  std::uint64_t dropped_before_episode{0};
};

enum class RecordKind : std::uint8_t { kState, kNote, kEvent, kBegin, kEnd, kMark, kDiscard };

/// One slot. What a kind does not use is left as it was.
struct Record {
  RecordKind kind{RecordKind::kState};
  Channel* channel{nullptr};
  core::Nanoseconds recorded_ns{0};
  messages::RobotState state{};   // kState
  std::uint64_t trace_id{0};      // kNote
  core::FixedString<32> robot{};  // kNote
  core::FixedString<192> text{};  // kNote
  std::string owned{};            // kEvent: JSON; kBegin: the task; moved out again by the rec thread
  std::uint32_t episode{0};       // of an episode
  std::optional<bool> success{};  // kEnd, kMark
};

using Ring = realtime::MpscRing<Record>;

/// Room in the ring that states leave to notes and events, and these to episodes, so that a disk which stalls costs
/// states first.
inline constexpr std::size_t kStatesLeave = 64;
inline constexpr std::size_t kNotesLeave = 16;

/// Where records go in. Real-time safe as far as `fill` is.
struct Intake {
  Ring& ring;
  core::Clock& clock;
  std::atomic<bool> open{true};  ///< false: the recording has ended

  /// `fill(Record&)` on a slot that knows its channel and the time. False, and counted with the channel, when there is
  /// no room beyond `spare`, or the recording has ended, also while it was filled.
  template <class Fill>
  bool put(Channel& channel, RecordKind kind, std::size_t spare, Fill&& fill) noexcept {
    if (open.load(std::memory_order_acquire) && ring.try_push(
                                                    [&](Record& record) {
                                                      record.kind = kind;
                                                      record.channel = &channel;
                                                      record.recorded_ns = clock.now_ns();
                                                      fill(record);
                                                    },
                                                    spare)) {
      return true;
    }
    channel.dropped.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
};

}  // namespace takt::trajectory::recorder::internal
