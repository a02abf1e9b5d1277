#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/describe.hpp>

#include "takt/core/error.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/trajectory/mcap/writer.hpp"
#include "takt/trajectory/recorder/recorded_state.hpp"

namespace takt::trajectory::recorder {

/// How a Recorder writes.
struct RecorderOptions {
  // behaviour
  std::string configuration{};  ///< text that goes into the file as an attachment; may be empty
  std::string configuration_name{"configuration.toml"};  ///< what the attachment is called
  core::Nanoseconds flush_every_ns{200'000'000};         ///< what a killed process may lose; 10 ms … 1 h
  bool fsync{false};  ///< each flush reaches the disk, so that it survives the loss of power; else that of the process

  // performance
  mcap::Compression compression{mcap::Compression::kZstd};
  std::size_t ring_bytes{std::size_t{16} * 1024 * 1024};  ///< what waits for a stalled disk; taken and touched at once
  std::size_t chunk_bytes{std::size_t{128} * 1024};       ///< a chunk ends there, or at the flush
};

/// What is noted beside the states, from any thread.
enum class Note : std::uint8_t {
  kMode,     ///< a mode began: teleop, policy, replay …
  kFault,    ///< a robot's, with its reason
  kEngaged,  ///< a follower follows its leader now, or does not any more: "engaged", "not engaged"
};
BOOST_DESCRIBE_ENUM(Note, kMode, kFault, kEngaged)

/// How a recording stands. A value.
struct RecorderState {
  std::uint64_t bytes{0};                             ///< handed to the file
  std::uint64_t records{0};                           ///< written: states, notes and events
  std::uint64_t dropped{0};                           ///< all that did not fit into the ring, or came after a fault
  std::map<std::string, std::uint64_t> dropped_of{};  ///< by topic, where any
  std::uint64_t flushes{0};
  std::size_t waiting{0};                ///< records in the ring now
  core::Nanoseconds longest_turn_ns{0};  ///< that the rec thread took for what had come: the disk's stalls
  std::uint32_t episode{0};              ///< the one that is open; 0: none
  std::uint32_t episodes{0};             ///< begun so far
  std::string fault{};  ///< why nothing is recorded any more, one line: the disk is full …; empty: all is well
};

namespace internal {
struct Channel;
struct Intake;
}  // namespace internal

/// One kind of states of one robot. Belongs to its Recorder and lives as long.
class StateChannel {
 public:
  /// Made by Recorder::states.
  StateChannel(StateChannelInfo info, internal::Intake& intake, internal::Channel& channel) noexcept
      : info_(std::move(info)), intake_(intake), channel_(channel) {}
  StateChannel(const StateChannel&) = delete;
  StateChannel& operator=(const StateChannel&) = delete;

  /// Copies `state` into the recorder's ring, with the time. False, and counted, when the ring is full or the recording
  /// has ended. Any thread, several at once. Real-time safe: no lock, no system call but the clock; wakes nobody.
  bool record(const messages::RobotState& state) noexcept;

  [[nodiscard]] const StateChannelInfo& info() const noexcept { return info_; }
  /// What was refused. Any thread. Real-time safe.
  [[nodiscard]] std::uint64_t dropped() const noexcept;

 private:
  StateChannelInfo info_;
  internal::Intake& intake_;
  internal::Channel& channel_;
};

/// Writes what happens into an MCAP file (docs/formats/recording.md), behind a bounded ring on its own thread "rec"
/// (docs/design/0017-a-ring-for-all-writers.md). Nobody who records ever waits for the file: what a stalled disk leaves
/// no room for is dropped and counted, per channel and in the file too. A file that cannot be written any more ends the
/// recording and nothing else: state().fault says why.
///
/// The rec thread looks for records every few milliseconds and flushes in time for flush_every_ns: what was recorded
/// longer ago is in the file when the process is killed (with fsync: when the machine loses power).
///
/// A resource. Whatever records has ended, or is detached, before it is destroyed. Any thread may call anything, unless
/// a member says otherwise.
class Recorder {
 public:
  /// Opens the file, writes what is known at once and starts the thread.
  /// @throws ConfigError when `path` exists or options are out of range, SystemError when it cannot be written; a file
  /// that was not there is not there then.
  explicit Recorder(const std::filesystem::path& path, RecorderOptions options = {});
  /// The same into any sink; `name` is what messages call it. `clock` stamps the records and outlives the recorder.
  Recorder(std::unique_ptr<mcap::Sink> sink, std::string name, RecorderOptions options = {},
           core::Clock& clock = core::steady_clock());
  /// close().
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// A channel of its own. Set-up: allocates; does not wait for the file.
  /// @throws ConfigError for a name that is empty or has a '/', no or too many joints; LogicError for the same robot
  /// and kind twice.
  StateChannel& states(StateChannelInfo info);

  /// False when it did not fit. Longer texts are cut to 31 and 191 bytes. Real-time safe.
  /// @param trace_id  of the command that it is about; 0: none.
  bool note(Note what, std::string_view robot, std::string_view text, std::uint64_t trace_id = 0) noexcept;

  /// Anything else, as JSON, on the topic "/takt/<kind>"; counters once per second go to "statistics". False when it
  /// did not fit. Allocates.
  /// @throws LogicError when `kind` is not a word of a-z, 0-9 and '_', or `json` is no JSON text.
  bool event(std::string_view kind, std::string json);

  /// Begins an episode; what is recorded from now on belongs to it. Its number, counted from 1; or why not: one is
  /// open, the recording has ended, the ring is full.
  Expected<std::uint32_t, std::string> begin_episode(std::string task);
  /// Ends the open one. Nothing: the operator did not say whether it was a success.
  Expected<std::uint32_t, std::string> end_episode(std::optional<bool> success = std::nullopt);
  /// Says of the open episode, or else of the last, that it was a success or was not.
  Expected<std::uint32_t, std::string> mark_success(bool success);
  /// Marks the open episode, which ends, or else the last one, as not wanted: readers leave it out.
  Expected<std::uint32_t, std::string> discard_episode();

  [[nodiscard]] RecorderState state() const;

  /// Ends an open episode (nobody said whether it was a success), writes all that was recorded, and the file's index.
  /// Waits for the file, and 0.2 s at most for a thread that lost the CPU while it recorded: its record is refused
  /// then. What is recorded from then on is refused. Never throws: state().fault. Idempotent.
  void close() noexcept;

 private:
  struct Impl;
  static std::unique_ptr<Impl> open(const std::filesystem::path& path, RecorderOptions options);

  std::unique_ptr<Impl> impl_;
};

}  // namespace takt::trajectory::recorder
