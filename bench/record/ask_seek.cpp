#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/file_descriptor.hpp"
#include "takt/core/time.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/writer.hpp"

#include "comparison.hpp"
#include "folders.hpp"
#include "measure.hpp"
#include "payload.hpp"
#include "questions.hpp"

namespace takt::bench {
namespace {

namespace mcap = trajectory::mcap;

constexpr core::Nanoseconds kPeriod_ns = 1'000'000;
constexpr core::Nanoseconds kStart_ns = 1'700'000'000 * core::kNanosecondsPerSecond;
constexpr std::size_t kMessageBytes = 256;  // a state of seven joints
constexpr std::uint32_t kFlushEvery = 200;  // messages: what a recorder flushes after

std::uint32_t messages_of(const RecordPlan& plan) {
  return plan.recording_s * 1000;
}

void write_recording(const std::filesystem::path& file, const RecordPlan& plan, mcap::Compression compression) {
  const std::vector<std::byte> payload = encoder_readings(kMessageBytes * 10'000);
  mcap::Writer writer(std::make_unique<mcap::FileSink>(file), {.compression = compression});
  const mcap::ChannelId channel = writer.add_channel(writer.add_schema("state", "", ""), "/state", "");
  for (std::uint32_t i = 0; i < messages_of(plan); ++i) {
    const core::Nanoseconds time_ns = kStart_ns + i * kPeriod_ns;
    writer.write(channel, i, time_ns, time_ns, std::span(payload).subspan(i % 10'000 * kMessageBytes, kMessageBytes));
    if (i % kFlushEvery == kFlushEvery - 1) {
      writer.flush();
    }
  }
  writer.sync();
  writer.close();
}

/// Moments all over the recording.
class Moments {
 public:
  explicit Moments(const RecordPlan& plan) : messages_(0, messages_of(plan) - 1) {}
  [[nodiscard]] std::uint32_t next() { return messages_(random_); }

 private:
  std::mt19937 random_{1};
  std::uniform_int_distribution<std::uint32_t> messages_;
};

void require_message(const mcap::Message* message, std::uint32_t sequence) {
  if (message == nullptr || message->sequence != sequence) {
    throw LogicError(fmt::format("a seek did not find message {}", sequence));
  }
}

double us_since(core::Nanoseconds start_ns) {
  return static_cast<double>(core::monotonic_now_ns() - start_ns) / 1000.0;
}

void sync_and_forget(const std::filesystem::path& file) {
  const core::FileDescriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (fdatasync(descriptor.get()) != 0 || posix_fadvise(descriptor.get(), 0, 0, POSIX_FADV_DONTNEED) != 0) {
    throw SystemError("cannot have the kernel forget " + file.string(), errno);
  }
}

void read_through(const std::filesystem::path& file) {
  mcap::FileSource source(file);
  std::vector<std::byte> block(std::size_t{1} << 20U);
  for (std::uint64_t offset = 0; offset + block.size() <= source.size(); offset += block.size()) {
    source.read(offset, block);
  }
}

double open_and_seek(const std::filesystem::path& file, std::uint32_t sequence) {
  const core::Nanoseconds start_ns = core::monotonic_now_ns();
  const mcap::Reader reader(file);
  auto range = reader.messages({.topics = {"/state"}, .from_ns = kStart_ns + sequence * kPeriod_ns});
  require_message(range.next(), sequence);
  return us_since(start_ns);
}

void ask(Result& result, const RecordPlan& plan, const std::filesystem::path& file, const char* compressed) {
  Moments moments(plan);
  const mcap::Reader reader(file);
  auto range = reader.messages({.topics = {"/state"}});
  const auto slice = [&](int count, auto seek) {
    std::vector<double> sample_us;
    for (int i = 0; i < count; ++i) {
      sample_us.push_back(seek());
    }
    return latency_of(sample_us);
  };
  // What the kernel is to have in memory first: afterwards it is made to forget it.
  read_through(file);
  const auto kept = alternate(
      plan.seek_slices, [&] { return slice(plan.seeks / 10, [&] { return open_and_seek(file, moments.next()); }); },
      [&] {
        return slice(plan.seeks, [&] {
          const std::uint32_t sequence = moments.next();
          const core::Nanoseconds start_ns = core::monotonic_now_ns();
          range.seek(kStart_ns + sequence * kPeriod_ns);
          require_message(range.next(), sequence);
          return us_since(start_ns);
        });
      });
  const auto forgotten = alternate(plan.seek_slices, [&] {
    return slice(plan.seeks / 10, [&] {
      sync_and_forget(file);
      return open_and_seek(file, moments.next());
    });
  });
  const std::string name = fmt::format("an hour of 1 kHz, {}: ", compressed);
  const auto add = [&](const char* what, const std::vector<Latency>& latencies, const char* goal) {
    for (const auto& [percentile, member] : {std::pair{", p50", &Latency::p50_us}, {", p99", &Latency::p99_us}}) {
      Figure figure = alone(name + what + percentile, column(latencies, member), "µs");
      figure.goal = goal;
      result.figures.push_back(figure);
    }
  };
  add("open and seek, the file on the disk only", forgotten[0], "<= 5000");
  add("open and seek, the file in the kernel's memory", kept[0], "<= 5000");
  add("seek, the reader open", kept[1], "<= 50");
  result.notes.push_back(fmt::format("{}: {} messages of {} B in {} chunks, {:.0f} MB", compressed,
                                     reader.statistics().messages, kMessageBytes, reader.statistics().chunks,
                                     static_cast<double>(std::filesystem::file_size(file)) / 1e6));
}

}  // namespace

void ask_seek(Result& result, const RecordPlan& plan) {
  const BenchFolder folder(std::filesystem::current_path());
  for (const auto& [compression, name] :
       {std::pair{mcap::Compression::kNone, "uncompressed"}, {mcap::Compression::kZstd, "zstd"}}) {
    const std::filesystem::path file = folder / name;
    write_recording(file, plan, compression);
    ask(result, plan, file, name);
    std::filesystem::remove(file);
  }
  result.notes.push_back(
      "seeks: to moments all over the recording, from the call to the first message, its chunk read, decompressed and "
      "its CRC "
      "checked; flushed every 200 messages as a recorder does");
}

}  // namespace takt::bench
