// Any bytes are refused by an error of one line, or a file whose messages come by rising time, within their filter, and
// from memory that is theirs; and what is whole in it, repaired, is a sound file with the same messages.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "takt/core/error.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/repair.hpp"

namespace {

namespace mcap = takt::trajectory::mcap;

constexpr mcap::ReaderOptions kSmall{.cache_bytes = 1 << 20, .overlap_bytes = 1 << 20, .max_chunk_bytes = 4 << 20};

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

template <class Action>
bool done_or_refused(Action action) {
  try {
    action();
    return true;
  } catch (const takt::ConfigError& error) {
    require(std::string_view(error.what()).find_first_of("\r\n") == std::string_view::npos);
    return false;
  }
}

std::unique_ptr<mcap::Source> source_of(std::span<const std::byte> bytes) {
  return std::make_unique<mcap::MemorySource>(bytes);
}

/// @return how many, and something of all their bytes, so that a sanitizer sees them read.
struct Read {
  std::uint64_t messages{0};
  unsigned sum{0};
  friend bool operator==(const Read&, const Read&) = default;
};

Read read_messages(const mcap::Reader& reader, const mcap::Filter& filter = {}) {
  Read read;
  takt::core::Nanoseconds before = filter.from_ns;
  for (const mcap::Message& message : reader.messages(filter)) {
    require(reader.find(message.channel) != nullptr);
    require(message.log_time_ns >= before && message.log_time_ns <= filter.to_ns && message.publish_time_ns >= 0);
    before = message.log_time_ns;
    ++read.messages;
    for (const std::byte byte : message.data) {
      read.sum = read.sum * 31 + static_cast<unsigned>(byte);
    }
  }
  return read;
}

void read_all(const mcap::Reader& reader, std::size_t file_bytes) {
  const mcap::Statistics& statistics = reader.statistics();
  const Read all = read_messages(reader);
  std::size_t defined = 0;
  for (const mcap::Schema& schema : reader.schemas()) {
    defined += schema.data.size();
  }
  require(defined <= std::size_t{64} << 20U);
  require(!reader.recovered() || all.messages == statistics.messages);
  const auto middle = statistics.first_log_time_ns + (statistics.last_log_time_ns - statistics.first_log_time_ns) / 2;
  const Read before = read_messages(reader, {.topics = {}, .to_ns = middle});
  if (middle < std::numeric_limits<takt::core::Nanoseconds>::max()) {
    const Read after = read_messages(reader, {.topics = {}, .from_ns = middle + 1});
    require(before.messages + after.messages == all.messages);
  }
  std::size_t held = 0;  // by all together, which is no more than the file
  for (const mcap::Metadata& metadata : reader.metadata()) {
    held += metadata.name.size();
    for (const auto& [key, value] : metadata.values) {
      held += key.size() + value.size();
    }
  }
  for (const mcap::AttachmentEntry& entry : reader.attachments()) {
    held += reader.attachment(entry).data.size();
  }
  require(held <= file_bytes);
}

void repair(std::span<const std::byte> bytes, std::size_t max_chunk_bytes) {
  std::vector<std::byte> out;
  const mcap::ReaderOptions limits{.max_chunk_bytes = max_chunk_bytes, .read_all = true};
  const mcap::RepairReport report = mcap::repair(source_of(bytes), std::make_unique<mcap::MemorySink>(out), limits);
  const mcap::Reader scanned(source_of(bytes), limits);
  const mcap::Reader repaired(source_of(out));
  require(!repaired.recovered());
  require(repaired.statistics() == report.kept);
  require(read_messages(repaired) == read_messages(scanned));
  auto metadata = repaired.metadata();
  if (!report.lossless()) {
    require(!metadata.empty() && metadata.back().name == mcap::kRepairedMetadata);
    metadata.pop_back();
  }
  require(metadata == scanned.metadata());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  done_or_refused([&] { read_all(mcap::Reader(source_of(bytes), kSmall), size); });
  const bool is_mcap = done_or_refused([&] { mcap::Reader(source_of(bytes), kSmall); });
  if (is_mcap) {
    for (const std::size_t most : {std::size_t{4} << 10, kSmall.max_chunk_bytes}) {
      repair(bytes, most);  // of an MCAP file nothing is refused: what is damaged, or too great, is left out
    }
  }
  return 0;
}
