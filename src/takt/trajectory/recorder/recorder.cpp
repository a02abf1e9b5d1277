#include "takt/trajectory/recorder/recorder.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "takt/core/thread_names.hpp"
#include "takt/messages/enum_name.hpp"
#include "takt/messages/json_value.hpp"
#include "takt/trajectory/recorder/internal/episodes.hpp"
#include "takt/trajectory/recorder/internal/record_file.hpp"

namespace takt::trajectory::recorder {
namespace {

using internal::Channel;
using internal::Record;
using internal::RecordKind;

constexpr std::array kNotes{Note::kMode, Note::kFault, Note::kEngaged};
constexpr std::size_t kLeastRecords = 256;
constexpr std::chrono::milliseconds kWaitForProducers{200};

RecorderOptions checked(RecorderOptions options, const std::string& name) {
  const auto refuse = [&](const std::string& what) { throw ConfigError(fmt::format("recording {}: {}", name, what)); };
  if (options.flush_every_ns < 10'000'000 || options.flush_every_ns > 3600 * core::kNanosecondsPerSecond) {
    refuse(fmt::format("flush_every_ns must be 10 ms … 1 h, is {} ns", options.flush_every_ns));
  }
  if (options.ring_bytes < kLeastRecords * sizeof(Record) || options.ring_bytes > (std::size_t{1} << 36U)) {
    refuse(fmt::format("ring_bytes must be {} … 2^36, is {}", kLeastRecords * sizeof(Record), options.ring_bytes));
  }
  if (options.chunk_bytes == 0 || options.chunk_bytes > std::size_t{64} * 1024 * 1024) {
    refuse(fmt::format("chunk_bytes must be 1 … 64 MiB, is {}", options.chunk_bytes));
  }
  return options;
}

void require_names(const StateChannelInfo& info) {
  const auto refuse = [&](const std::string& what) {
    throw ConfigError(fmt::format("recorder: the states '{}' of robot '{}' {}", messages::enum_name(info.kind).view(),
                                  info.robot, what));
  };
  if (info.robot.empty() || info.robot.contains('/') || info.robot == "takt") {
    refuse("need a robot's name, without '/', other than 'takt'");
  }
  if (info.joint_names.empty() || info.joint_names.size() > core::kMaxJoints) {
    refuse(fmt::format("have {} joints, must have 1 … {}", info.joint_names.size(), core::kMaxJoints));
  }
}

void require_event(std::string_view kind, const std::string& json) {
  constexpr std::array<std::string_view, 5> kTaken{"episode", "dropped", "mode", "fault", "engaged"};
  const bool word = !kind.empty() && std::ranges::all_of(kind, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!word || std::ranges::find(kTaken, kind) != kTaken.end()) {
    throw LogicError(
        fmt::format("recorder: '{}' is no name for events: a word of a-z, 0-9 and '_' that is not one of "
                    "{}",
                    kind, fmt::join(kTaken, ", ")));
  }
  if (const auto document = messages::JsonDocument::parse(json); !document) {
    throw LogicError(fmt::format("recorder: an event '{}' is no JSON: {}", kind, document.error().text()));
  }
}

std::unique_ptr<mcap::Sink> new_file(const std::filesystem::path& path) {
  if (std::error_code error; std::filesystem::exists(path, error)) {
    throw ConfigError(fmt::format("recording {}: it exists already; name another file", path.string()));
  }
  return std::make_unique<mcap::FileSink>(path, mcap::FileSink::Existing::kRefuse);
}

/// Wall time less the clock's: of three looks at both the one that took least.
core::Nanoseconds wall_ahead_ns(const core::Clock& clock) {
  core::Nanoseconds ahead_ns = 0;
  core::Nanoseconds least_ns = std::numeric_limits<core::Nanoseconds>::max();
  for (int look = 0; look < 3; ++look) {
    const core::Nanoseconds before_ns = clock.now_ns();
    const core::Nanoseconds wall_ns = core::wall_now_ns();
    const core::Nanoseconds took_ns = clock.now_ns() - before_ns;
    if (took_ns < least_ns) {
      least_ns = took_ns;
      ahead_ns = wall_ns - (before_ns + took_ns / 2);
    }
  }
  return ahead_ns;
}

}  // namespace

bool StateChannel::record(const messages::RobotState& state) noexcept {
  return intake_.put(channel_, RecordKind::kState, internal::kStatesLeave,
                     [&](Record& record) { record.state = state; });
}

std::uint64_t StateChannel::dropped() const noexcept {
  return channel_.dropped.load(std::memory_order_relaxed);
}

struct Recorder::Impl {
  Impl(std::unique_ptr<mcap::Sink> sink, std::string file_name, RecorderOptions wanted, core::Clock& clock)
      : name(std::move(file_name)),
        options(checked(std::move(wanted), name)),
        ring(std::bit_floor(options.ring_bytes / sizeof(Record))),
        intake{.ring = ring, .clock = clock},
        file(std::move(sink), options, wall_ahead_ns(clock), ring, channels),
        episodes(name, intake, file, *channels.list().front()) {
    for (std::size_t i = 0; i < kNotes.size(); ++i) {
      notes[i] = &channels.add(internal::note_channel(messages::enum_name(kNotes[i]).view()));
    }
    thread = std::thread([this] { run(); });
  }

  void run();
  void stop_thread() noexcept;
  void wait_for_producers() noexcept;

  const std::string name;
  const RecorderOptions options;
  internal::Ring ring;
  internal::Intake intake;
  internal::Channels channels;
  internal::RecordFile file;
  internal::Episodes episodes;
  std::array<Channel*, kNotes.size()> notes{};

  mutable std::mutex states_mutex;
  std::vector<std::unique_ptr<StateChannel>> states;

  std::atomic<core::Nanoseconds> longest_turn_ns{0};
  std::mutex closing_mutex;
  bool closed{false};
  std::mutex stop_mutex;
  std::condition_variable stop_asked;
  bool stop{false};
  std::thread thread;
};

// By time, so that nobody who records has to wake anybody: a wake-up is a system call.
void Recorder::Impl::run() {
  core::set_current_thread_name("rec");
  const auto poll =
      std::chrono::nanoseconds(std::clamp<core::Nanoseconds>(options.flush_every_ns / 20, 1'000'000, 5'000'000));
  for (std::unique_lock lock(stop_mutex); !stop;) {
    lock.unlock();
    const core::Nanoseconds began_ns = core::monotonic_now_ns();
    file.turn(intake.clock.now_ns());
    const core::Nanoseconds took_ns = core::monotonic_now_ns() - began_ns;
    longest_turn_ns.store(std::max(took_ns, longest_turn_ns.load(std::memory_order_relaxed)),
                          std::memory_order_relaxed);
    if (file.failed()) {
      intake.open.store(false, std::memory_order_release);
    }
    lock.lock();
    stop_asked.wait_for(lock, poll, [this] { return stop; });
  }
}

void Recorder::Impl::stop_thread() noexcept {
  if (!thread.joinable()) {
    return;
  }
  {
    const std::scoped_lock lock(stop_mutex);
    stop = true;
  }
  stop_asked.notify_all();
  thread.join();
}

// Somebody may have begun a record before the end and lost the CPU in it: a moment, so that it is in the file.
void Recorder::Impl::wait_for_producers() noexcept {
  const auto until = std::chrono::steady_clock::now() + kWaitForProducers;
  while (ring.size() != 0 && std::chrono::steady_clock::now() < until) {
    file.turn(intake.clock.now_ns());
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
}

// A recording that cannot begin leaves no file, so that the next attempt finds its name free.
std::unique_ptr<Recorder::Impl> Recorder::open(const std::filesystem::path& path, RecorderOptions options) {
  std::unique_ptr<mcap::Sink> file = new_file(path);
  try {
    return std::make_unique<Impl>(std::move(file), path.string(), std::move(options), core::steady_clock());
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    throw;
  }
}

Recorder::Recorder(const std::filesystem::path& path, RecorderOptions options)
    : impl_(open(path, std::move(options))) {}

Recorder::Recorder(std::unique_ptr<mcap::Sink> sink, std::string name, RecorderOptions options, core::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(sink), std::move(name), std::move(options), clock)) {}

Recorder::~Recorder() {
  close();
}

StateChannel& Recorder::states(StateChannelInfo info) {
  require_names(info);
  Channel& channel = impl_->channels.add(internal::state_channel(info));
  const std::scoped_lock lock(impl_->states_mutex);
  return *impl_->states.emplace_back(std::make_unique<StateChannel>(std::move(info), impl_->intake, channel));
}

bool Recorder::note(Note what, std::string_view robot, std::string_view text, std::uint64_t trace_id) noexcept {
  Channel& channel = *impl_->notes[static_cast<std::size_t>(what)];
  return impl_->intake.put(channel, RecordKind::kNote, internal::kNotesLeave, [&](Record& record) {
    record.trace_id = trace_id;
    record.robot = robot;
    record.text = text;
  });
}

bool Recorder::event(std::string_view kind, std::string json) {
  require_event(kind, json);
  Channel& channel = impl_->channels.find_or_add(fmt::format("/takt/{}", kind), &internal::event_channel, kind);
  return impl_->intake.put(channel, RecordKind::kEvent, internal::kNotesLeave,
                           [&](Record& record) { record.owned = std::move(json); });
}

Expected<std::uint32_t, std::string> Recorder::begin_episode(std::string task) {
  return impl_->episodes.begin(std::move(task));
}

Expected<std::uint32_t, std::string> Recorder::end_episode(std::optional<bool> success) {
  return impl_->episodes.end(success);
}

Expected<std::uint32_t, std::string> Recorder::mark_success(bool success) {
  return impl_->episodes.mark(success);
}

Expected<std::uint32_t, std::string> Recorder::discard_episode() {
  return impl_->episodes.discard();
}

RecorderState Recorder::state() const {
  RecorderState state{.bytes = impl_->file.bytes(),
                      .records = impl_->file.records(),
                      .flushes = impl_->file.flushes(),
                      .waiting = impl_->ring.size(),
                      .longest_turn_ns = impl_->longest_turn_ns.load(std::memory_order_relaxed)};
  for (const Channel* channel : impl_->channels.list()) {
    if (const std::uint64_t dropped = channel->dropped.load(std::memory_order_relaxed); dropped != 0) {
      state.dropped += dropped;
      state.dropped_of[channel->spec.topic] = dropped;
    }
  }
  if (impl_->file.failed()) {
    state.fault = fmt::format("recording {}: {}", impl_->name, impl_->file.fault());
  }
  const internal::Episodes::Counts episodes = impl_->episodes.counts();
  state.episode = episodes.open;
  state.episodes = episodes.begun;
  return state;
}

void Recorder::close() noexcept {
  const std::scoped_lock closing(impl_->closing_mutex);
  if (std::exchange(impl_->closed, true)) {
    return;
  }
  impl_->episodes.close();
  impl_->stop_thread();
  impl_->wait_for_producers();
  impl_->file.finish(impl_->intake.clock.now_ns());
}

}  // namespace takt::trajectory::recorder
