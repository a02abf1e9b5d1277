#include "takt/trajectory/recorder/internal/record_file.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "takt/messages/cdr.hpp"
#include "takt/messages/json.hpp"

namespace takt::trajectory::recorder::internal {
namespace {

mcap::WriterOptions writer_options(const RecorderOptions& options) {
  mcap::WriterOptions writer;
  writer.profile = "";
  writer.library = "takt";
  writer.compression = options.compression;
  writer.chunk_bytes = options.chunk_bytes;
  return writer;
}

}  // namespace

RecordFile::RecordFile(std::unique_ptr<mcap::Sink> sink, const RecorderOptions& options,
                       core::Nanoseconds wall_offset_ns, Ring& ring, Channels& channels)
    : options_(options),
      wall_offset_ns_(wall_offset_ns),
      ring_(ring),
      channels_(channels),
      episodes_(channels.add(episode_channel())),
      dropped_(channels.add(dropped_channel())),
      sink_(*sink),
      writer_(std::make_unique<mcap::Writer>(std::move(sink), writer_options(options))) {
  writer_->add_metadata(kRecordingMetadata, {{"version", std::string(kVersion)},
                                             {"wall_offset_ns", std::to_string(wall_offset_ns)},
                                             {"flush_every_ns", std::to_string(options.flush_every_ns)},
                                             {"fsync", options.fsync ? "true" : "false"}});
  if (!options.configuration.empty()) {
    const core::Nanoseconds now_ns = core::wall_now_ns();
    mcap::Attachment attachment;
    attachment.log_time_ns = attachment.create_time_ns = now_ns;
    attachment.name = options.configuration_name;
    attachment.media_type = "text/plain";
    const auto data = bytes_of(options.configuration);
    attachment.data.assign(data.begin(), data.end());
    writer_->attach(attachment);
  }
  add_new_channels();
  flush();
}

// Whatever fails here fails the file: a chunk may be half written, so that nothing more can follow it.
template <class Work>
void RecordFile::guarded(Work&& work) noexcept {
  if (failed()) {
    return;
  }
  try {
    work();
  } catch (const std::exception& error) {
    const std::scoped_lock lock(fault_mutex_);
    fault_ = error.what();
    count_lost();
    failed_.store(true, std::memory_order_release);
  }
}

void RecordFile::count_lost() {
  for (Channel* channel : channels_.list()) {
    channel->dropped.fetch_add(channel->unflushed, std::memory_order_relaxed);
    records_.fetch_sub(channel->unflushed, std::memory_order_relaxed);
  }
}

void RecordFile::turn(core::Nanoseconds now_ns) noexcept {
  guarded([&] { add_new_channels(); });
  ring_.take([this](Record& record) noexcept { take(record); }, ring_.capacity());
  guarded([&] {
    write_dropped(now_ns);
    if (oldest_unflushed_ns_ && now_ns - *oldest_unflushed_ns_ >= options_.flush_every_ns / 2) {
      flush();
    }
  });
}

void RecordFile::take(Record& record) noexcept {
  guarded([&] { write(record); });
  if (failed()) {
    record.channel->dropped.fetch_add(1, std::memory_order_relaxed);
  }
  record.owned.clear();
}

void RecordFile::finish(core::Nanoseconds now_ns) noexcept {
  if (finished_) {
    return;
  }
  finished_ = true;
  turn(now_ns);
  std::uint64_t dropped = 0;
  for (const Channel* channel : channels_.list()) {
    dropped += channel->dropped.load(std::memory_order_relaxed);
  }
  dropped += ring_.close([this](Record& record) noexcept { take(record); });  // their producers count them as well
  guarded([&] {
    end_open_episode(now_ns);
    write_dropped(now_ns);
    std::uint64_t told = 0;  // what was refused since, too
    for (const Channel* channel : channels_.list()) {
      told += channel->dropped_written;
    }
    writer_->add_metadata(kClosedMetadata, {{"version", std::string(kVersion)},
                                            {"records", std::to_string(records())},
                                            {"dropped", std::to_string(std::max(dropped, told))}});
    writer_->close();
    if (options_.fsync) {
      sink_.sync();
    }
    bytes_.store(writer_->statistics().bytes, std::memory_order_relaxed);
  });
}

void RecordFile::add_new_channels() {
  for (Channel* channel : channels_.list(channels_added_)) {
    channel->id = add_channel(*writer_, channel->spec);
    ++channels_added_;
  }
}

void RecordFile::write(Record& record) {
  if (!record.channel->id) {
    add_new_channels();  // made since the turn began
  }
  switch (record.kind) {
    case RecordKind::kState:
      write_state(record);
      break;
    case RecordKind::kNote:
      write_note(record);
      break;
    case RecordKind::kEvent:
      write_event(record);
      break;
    case RecordKind::kBegin:
      begin_episode(record);
      break;
    default:
      write_episode(record);
      break;
  }
}

void RecordFile::write_state(const Record& record) {
  const RecordedState state = to_recorded(record.state, record.recorded_ns, episode_);
  scratch_.resize(std::max(scratch_.size(), messages::cdr_size(state)));
  const auto size = messages::encode_cdr(state, scratch_);
  if (episode_ != 0) {
    ++record.channel->episode_frames;
    first_ns_ = first_ns_ == 0 ? record.recorded_ns : std::min(first_ns_, record.recorded_ns);
    last_ns_ = std::max(last_ns_, record.recorded_ns);
  }
  put(*record.channel, record.recorded_ns, record.state.stamp_ns, std::span(scratch_).first(size.value()));
}

void RecordFile::write_note(const Record& record) {
  put(*record.channel, record.recorded_ns,
      messages::to_json(NoteEvent{.recorded_ns = record.recorded_ns,
                                  .episode = episode_,
                                  .trace_id = fmt::format("{:016x}", record.trace_id),
                                  .robot = std::string(record.robot.view()),
                                  .text = std::string(record.text.view())}));
}

void RecordFile::write_event(Record& record) {
  put(*record.channel, record.recorded_ns,
      fmt::format(R"({{"recorded_ns":{},"episode":{},"data":{}}})", record.recorded_ns, episode_, record.owned));
}

void RecordFile::begin_episode(Record& record) {
  episode_ = record.episode;
  first_ns_ = last_ns_ = 0;
  for (Channel* channel : channels_.list()) {
    channel->episode_frames = 0;
    channel->dropped_before_episode = channel->dropped.load(std::memory_order_relaxed);
  }
  put(episodes_, record.recorded_ns,
      messages::to_json(EpisodeEvent{.event = EpisodeChange::kBegin,
                                     .recorded_ns = record.recorded_ns,
                                     .episode = record.episode,
                                     .task = std::move(record.owned)}));
}

void RecordFile::write_episode(const Record& record) {
  EpisodeEvent event{.event = record.kind == RecordKind::kEnd    ? EpisodeChange::kEnd
                              : record.kind == RecordKind::kMark ? EpisodeChange::kMark
                                                                 : EpisodeChange::kDiscard,
                     .recorded_ns = record.recorded_ns,
                     .episode = record.episode,
                     .success = record.success};
  if (record.kind != RecordKind::kMark && record.episode == episode_) {
    end_episode(event);
  }
  put(episodes_, record.recorded_ns, messages::to_json(event));
}

void RecordFile::end_open_episode(core::Nanoseconds now_ns) {
  if (episode_ != 0) {
    write_episode({.kind = RecordKind::kEnd, .recorded_ns = now_ns, .episode = episode_});
  }
}

void RecordFile::end_episode(EpisodeEvent& event) {
  event.first_ns = first_ns_;
  event.last_ns = last_ns_;
  for (const Channel* channel : channels_.list()) {
    if (channel->spec.encoding != "cdr") {
      continue;
    }
    event.frames[channel->spec.topic] = channel->episode_frames;
    const std::uint64_t dropped = channel->dropped.load(std::memory_order_relaxed) - channel->dropped_before_episode;
    if (dropped != 0) {
      event.dropped[channel->spec.topic] = dropped;
    }
  }
  episode_ = 0;
}

void RecordFile::write_dropped(core::Nanoseconds now_ns) {
  DroppedEvent event{.recorded_ns = now_ns};
  bool more = false;
  for (Channel* channel : channels_.list()) {
    const std::uint64_t dropped = channel->dropped.load(std::memory_order_relaxed);
    more = more || dropped != channel->dropped_written;
    channel->dropped_written = dropped;
    if (dropped != 0) {
      event.dropped[channel->spec.topic] = dropped;
    }
  }
  if (more) {
    put(dropped_, now_ns, messages::to_json(event));
  }
}

void RecordFile::put(Channel& channel, core::Nanoseconds recorded_ns, std::string_view json) {
  put(channel, recorded_ns, recorded_ns, bytes_of(json));
}

void RecordFile::put(Channel& channel, core::Nanoseconds recorded_ns, core::Nanoseconds stamp_ns,
                     std::span<const std::byte> data) {
  writer_->write(*channel.id, ++channel.sequence, wall(recorded_ns), wall(stamp_ns), data);
  records_.fetch_add(1, std::memory_order_relaxed);
  ++channel.unflushed;
  oldest_unflushed_ns_ = std::min(oldest_unflushed_ns_.value_or(recorded_ns), recorded_ns);
}

// A stamp is anybody's: one that no wall clock ever shows must not end the recording.
core::Nanoseconds RecordFile::wall(core::Nanoseconds monotonic_ns) const noexcept {
  core::Nanoseconds wall_ns = 0;
  return __builtin_add_overflow(monotonic_ns, wall_offset_ns_, &wall_ns) || wall_ns < 0 ? 0 : wall_ns;
}

void RecordFile::flush() {
  options_.fsync ? writer_->sync() : writer_->flush();
  flushes_.fetch_add(1, std::memory_order_relaxed);
  bytes_.store(writer_->statistics().bytes, std::memory_order_relaxed);
  for (Channel* channel : channels_.list()) {
    channel->unflushed = 0;
  }
  oldest_unflushed_ns_.reset();
}

std::string RecordFile::fault() const {
  const std::scoped_lock lock(fault_mutex_);
  return fault_;
}

}  // namespace takt::trajectory::recorder::internal
