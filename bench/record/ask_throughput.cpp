#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/file_descriptor.hpp"
#include "takt/core/time.hpp"
#include "takt/trajectory/mcap/source.hpp"
#include "takt/trajectory/mcap/writer.hpp"

#include "comparison.hpp"
#include "folders.hpp"
#include "measure.hpp"
#include "payload.hpp"
#include "questions.hpp"

namespace takt::bench {
namespace {

namespace mcap = trajectory::mcap;

constexpr std::size_t kBlock = 128 * 1024;  // of a bare write: greater and smaller ones are not faster here

struct Case {
  std::size_t message_bytes;
  const char* message;
  mcap::Compression compression;
  const char* compressed;
};

// Into a new file each time, from opening to the summary. @return ns
double write_by_takt(const std::filesystem::path& file, std::span<const std::byte> payload, const Case& test) {
  std::filesystem::remove(file);
  const core::Nanoseconds start_ns = core::monotonic_now_ns();
  mcap::Writer writer(std::make_unique<mcap::FileSink>(file), {.compression = test.compression});
  const mcap::ChannelId channel = writer.add_channel(writer.add_schema("bench", "", ""), "/bench", "");
  std::uint32_t sequence = 0;
  for (; payload.size() >= test.message_bytes; payload = payload.subspan(test.message_bytes)) {
    writer.write(channel, sequence, start_ns + sequence, start_ns, payload.first(test.message_bytes));
    ++sequence;
  }
  writer.close();
  return static_cast<double>(core::monotonic_now_ns() - start_ns);
}

double write_bare(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  std::filesystem::remove(file);
  const core::Nanoseconds start_ns = core::monotonic_now_ns();
  const core::FileDescriptor descriptor(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor.get(), bytes.data(), std::min(bytes.size(), kBlock));
    if (written < 0) {
      throw SystemError("cannot write " + file.string(), errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return static_cast<double>(core::monotonic_now_ns() - start_ns);
}

std::vector<std::byte> contents(const std::filesystem::path& file) {
  mcap::FileSource source(file);
  std::vector<std::byte> bytes(source.size());
  source.read(0, bytes);
  return bytes;
}

void ask(Result& result, const RecordPlan& plan, const Place& place, const Case& test) {
  const BenchFolder folder(place.folder);
  const std::vector<std::byte> payload = encoder_readings(plan.slice_bytes);
  write_by_takt(folder / "first", payload, test);
  const std::vector<std::byte> file = contents(folder / "first");
  const std::size_t whole = payload.size() / test.message_bytes;
  const auto messages = static_cast<double>(whole);

  const auto slices = alternate(
      plan.throughput_slices, [&] { return write_by_takt(folder / "takt", payload, test) / messages; },
      [&] { return write_bare(folder / "bare", file) / messages; });
  const SliceSample takt{slices[0]};
  const SliceSample bare{slices[1]};
  const bool plain = test.compression == mcap::Compression::kNone;
  const std::string name =
      fmt::format("record a message of {}, {}, on {}", test.message, test.compressed, place.file_system);
  result.figures.push_back(
      compared(name + "; baseline: write(2) of the file's bytes", takt, bare, "ns", plain ? ">= 0.8 ×" : ""));
  result.notes.push_back(
      fmt::format("{}: {:.0f} MB/s of messages, a file of {:.2f} × their size; write(2) {:.0f} MB/s of the file", name,
                  static_cast<double>(test.message_bytes) * 1e3 / takt.median(),
                  static_cast<double>(file.size()) / static_cast<double>(payload.size()),
                  static_cast<double>(file.size()) * 1e3 / messages / bare.median()));
}

}  // namespace

void ask_throughput(Result& result, const RecordPlan& plan) {
  constexpr Case kCases[] = {{100, "100 B", mcap::Compression::kNone, "uncompressed"},
                             {10240, "10 KiB", mcap::Compression::kNone, "uncompressed"},
                             {100, "100 B", mcap::Compression::kZstd, "zstd"},
                             {10240, "10 KiB", mcap::Compression::kZstd, "zstd"}};
  for (const Place& place : places()) {
    for (const Case& test : kCases) {
      ask(result, plan, place, test);
    }
  }
  result.notes.push_back(
      fmt::format("recording: {} MiB of encoder readings as doubles, from memory that no cache holds, in chunks of {} "
                  "KiB with index and CRC, "
                  "by one thread into a new file, from opening it to its summary; the baseline writes the bytes of "
                  "that file, 128 KiB at a time. "
                  "What a file system keeps in memory counts as written, for both",
                  plan.slice_bytes >> 20U, mcap::WriterOptions{}.chunk_bytes / 1024));
}

}  // namespace takt::bench
