// What takt does with MCAP files, for peer.cjs: lines in, files out, so that somebody else's code says what it sees in
// them.
//
//   mcap_peer write FILE none|lz4|zstd MESSAGES     a file of peer.cjs's messages, in chunks of about 4 KiB
//   mcap_peer list FILE                             one line of JSON per message, and one at the end
//   mcap_peer repair-cuts FILE STEP FOLDER          FOLDER/N.mcap: of FILE, cut to N bytes, N = 8, 8 + STEP, …,
//   repaired

#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/repair.hpp"
#include "takt/trajectory/mcap/writer.hpp"

namespace {

namespace mcap = takt::trajectory::mcap;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

mcap::Compression compression_of(std::string_view text) {
  return text == "lz4" ? mcap::Compression::kLz4
                       : (text == "zstd" ? mcap::Compression::kZstd : mcap::Compression::kNone);
}

std::vector<std::byte> attachment_data() {
  std::vector<std::byte> data(1000);
  for (std::size_t i = 0; i < data.size(); ++i) {
    data[i] = static_cast<std::byte>(i % 251);
  }
  return data;
}

// The same in peer.cjs.
void write(const std::filesystem::path& path, std::string_view compression, std::uint32_t count) {
  mcap::Writer writer(std::make_unique<mcap::FileSink>(path, mcap::FileSink::Existing::kReplace),
                      {.profile = "takt-test", .compression = compression_of(compression), .chunk_bytes = 4096});
  const mcap::SchemaId json = writer.add_schema("event", "jsonschema", R"({"type":"object"})");
  const mcap::SchemaId ros = writer.add_schema("takt/msg/State", "ros2msg", "float64[] q\n");
  const mcap::ChannelId event = writer.add_channel(json, "/event", "json", {{"kind", "event"}, {"ä", "ö"}});
  const mcap::ChannelId state = writer.add_channel(ros, "/state", "cdr");
  const mcap::ChannelId bare = writer.add_channel(mcap::kNoSchema, "/bare", "bytes");
  constexpr std::int64_t kStart = 1'700'000'000'000'000'000;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::int64_t log_time = kStart + static_cast<std::int64_t>(i ^ 3U) * 1'000'001;  // not quite rising
    const std::string data =
        i % 5 == 0 ? fmt::format(R"({{"i":{}}})", i) : std::string(i * 37 % 400, static_cast<char>('a' + i % 26));
    writer.write(i % 5 == 0 ? event : (i % 7 == 0 ? bare : state), i, log_time, kStart - i, bytes_of(data));
    if (i == count / 2) {
      writer.add_metadata("about", {{"task", "pick the cube"}, {"operator", ""}});
      writer.attach({kStart, kStart + 1, "robot.toml", "application/toml", attachment_data()});
    }
  }
  writer.close();
}

std::string hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  }
  return text;
}

void list(const std::filesystem::path& path) {
  const mcap::Reader reader(path);
  for (const mcap::Message& message : reader.messages()) {
    const mcap::Channel* channel = reader.find(message.channel);
    const mcap::Schema* schema = reader.find(channel->schema);
    fmt::print(R"({{"topic":"{}","schema":"{}","sequence":{},"logTime":"{}","publishTime":"{}","data":"{}"}})"
               "\n",
               channel->topic, schema == nullptr ? "" : schema->name, message.sequence, message.log_time_ns,
               message.publish_time_ns, hex(message.data));
  }
  std::string attachments;
  for (const mcap::AttachmentEntry& entry : reader.attachments()) {
    attachments += entry.name + ":" + hex(reader.attachment(entry).data);
  }
  fmt::print(R"({{"recovered":{},"messages":{},"metadata":{},"attachments":"{}"}})"
             "\n",
             reader.recovered(), reader.statistics().messages, reader.metadata().size(), attachments);
}

void repair_cuts(const std::filesystem::path& path, std::size_t step, const std::filesystem::path& folder) {
  std::ifstream in(path, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t size = 8; size < whole.size(); size += step) {
    const auto cut = bytes_of(std::string_view(whole).substr(0, size));
    const auto report = mcap::repair(std::make_unique<mcap::MemorySource>(cut),
                                     std::make_unique<mcap::FileSink>(folder / fmt::format("{}.mcap", size)));
    fmt::print("{} {} {}\n", size, report.kept.messages, report.lossless());
  }
}

int run(const std::vector<std::string>& words) {
  const std::string_view command = words.empty() ? std::string_view{} : std::string_view(words[0]);
  if (command == "write" && words.size() == 4) {
    write(words[1], words[2], static_cast<std::uint32_t>(std::stoul(words[3])));
  } else if (command == "list" && words.size() == 2) {
    list(words[1]);
  } else if (command == "repair-cuts" && words.size() == 4) {
    repair_cuts(words[1], std::stoul(words[2]), words[3]);
  } else {
    fmt::print(stderr,
               "usage: mcap_peer write FILE none|lz4|zstd MESSAGES | list FILE | repair-cuts FILE STEP FOLDER\n");
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
