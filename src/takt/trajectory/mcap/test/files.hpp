#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "takt/testing/own_folder.hpp"
#include "takt/trajectory/mcap/internal/records.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/writer.hpp"

/// MCAP files in memory, for tests.
namespace takt::trajectory::mcap::test {

using Bytes = std::vector<std::byte>;

inline Bytes bytes_of(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A message that owns its data.
struct OwnMessage {
  std::string topic{};
  std::uint32_t sequence{0};
  core::Nanoseconds log_time_ns{0};
  core::Nanoseconds publish_time_ns{0};
  std::string data{};

  friend bool operator==(const OwnMessage&, const OwnMessage&) = default;
  friend std::ostream& operator<<(std::ostream& out, const OwnMessage& message) {
    return out << message.topic << " #" << message.sequence << " at " << message.log_time_ns;
  }
};

/// Where the record ends that begins at `offset`.
inline std::size_t next_record(const Bytes& bytes, std::size_t offset) {
  return offset + internal::kRecordHead + internal::load<std::uint64_t>(bytes.data() + offset + 1);
}

inline std::unique_ptr<Sink> memory_sink(Bytes& bytes) {
  return std::make_unique<MemorySink>(bytes);
}

inline Reader reader_of(const Bytes& bytes, ReaderOptions options = {}) {
  return Reader(std::make_unique<MemorySource>(bytes, "test.mcap"), options);
}

/// How a file was read.
struct Reads {
  std::uint64_t total{0};   ///< bytes
  std::size_t greatest{0};  ///< at once, which a reader has made room for
};

/// A file in memory that tells how it is read. Both outlive it.
class WatchedSource final : public Source {
 public:
  WatchedSource(const Bytes& bytes, Reads& reads) : memory_(bytes, "test.mcap"), reads_(&reads) {}

  [[nodiscard]] const std::string& name() const noexcept override { return memory_.name(); }
  [[nodiscard]] std::uint64_t size() const noexcept override { return memory_.size(); }
  void read(std::uint64_t offset, std::span<std::byte> into) override {
    reads_->total += into.size();
    reads_->greatest = std::max(reads_->greatest, into.size());
    memory_.read(offset, into);
  }

 private:
  MemorySource memory_;
  Reads* reads_;
};

inline std::vector<OwnMessage> messages_of(const Reader& reader, const Filter& filter = {}) {
  std::vector<OwnMessage> all;
  for (const Message& message : reader.messages(filter)) {
    all.push_back({reader.find(message.channel)->topic, message.sequence, message.log_time_ns, message.publish_time_ns,
                   text_of(message.data)});
  }
  return all;
}

/// Two channels with schemas, one without; messages that compress well, in chunks of about 1 KiB.
inline std::vector<OwnMessage> some_messages(std::uint32_t count) {
  std::vector<OwnMessage> all;
  for (std::uint32_t i = 0; i < count; ++i) {
    const char* topic = i % 10 == 9 ? "/event" : (i % 2 == 0 ? "/a" : "/b");
    all.push_back({topic, i, 1'000'000'000 + core::Nanoseconds{i} * 1'000'000, 999'000'000 + i,
                   std::string(i % 70, 'x') + std::to_string(i)});
  }
  return all;
}

/// Writes what some_messages() made.
class SomeFile {
 public:
  explicit SomeFile(Writer& writer) : writer_(&writer) {
    const SchemaId state = writer.add_schema("takt/msg/State", "ros2msg", "float64[] q\n");
    const SchemaId event = writer.add_schema("event", "jsonschema", R"({"type":"object"})");
    a_ = writer.add_channel(state, "/a", "cdr", {{"robot", "fr3"}, {"kind", "sent"}});
    b_ = writer.add_channel(state, "/b", "cdr");
    event_ = writer.add_channel(event, "/event", "json");
  }

  void write(const std::vector<OwnMessage>& messages) {
    for (const OwnMessage& message : messages) {
      const ChannelId channel = message.topic == "/a" ? a_ : (message.topic == "/b" ? b_ : event_);
      writer_->write(channel, message.sequence, message.log_time_ns, message.publish_time_ns,
                     std::as_bytes(std::span(message.data)));
    }
  }

 private:
  Writer* writer_;
  ChannelId a_{};
  ChannelId b_{};
  ChannelId event_{};
};

inline Bytes file_of(const std::vector<OwnMessage>& messages, Compression compression, std::size_t chunk_bytes = 1024) {
  Bytes bytes;
  Writer writer(memory_sink(bytes), {.compression = compression, .chunk_bytes = chunk_bytes});
  SomeFile(writer).write(messages);
  writer.add_metadata("about", {{"task", "pick"}, {"", "empty key"}});
  writer.attach({10, 20, "robot.toml", "text/plain", bytes_of("x = 1\n")});
  writer.close();
  return bytes;
}

using takt::testing::OwnFolder;

}  // namespace takt::trajectory::mcap::test
