#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "takt/core/time.hpp"
#include "takt/trajectory/mcap/sink.hpp"
#include "takt/trajectory/mcap/values.hpp"

namespace takt::trajectory::mcap {

struct WriterOptions {
  std::string profile{};        ///< what the file keeps to beside MCAP; "" for nothing, "ros2" for ROS's conventions
  std::string library{"takt"};  ///< who wrote it
  Compression compression{Compression::kZstd};
  /// A chunk ends when its records are so long. A reader takes a chunk as a whole, so that a seek costs in proportion;
  /// great ones make the index short, and the compression better: by a tenth with 128 KiB.
  std::size_t chunk_bytes{32 * 1024};
};

/// What a writer has done.
struct WriterStatistics {
  std::uint64_t messages{0};
  std::uint64_t chunks{0};
  std::uint64_t bytes{0};          ///< given to the sink: the length of the file
  std::uint64_t message_bytes{0};  ///< payload of all messages
};

/// Writes an MCAP file: messages in chunks with an index and a CRC each, and a summary at the end. Whatever has been
/// flushed can be read when nothing follows: a file that ends anywhere loses the chunk it ends in.
///
/// A resource; one thread at a time. Blocks while the sink does. After an exception of the sink the writer is broken:
/// every further call throws SystemError with the same text, and the file is as it was after the last whole write.
class Writer {
 public:
  /// @throws SystemError of the sink; LogicError for no sink or a chunk size of 0 or beyond 64 MiB.
  explicit Writer(std::unique_ptr<Sink> sink, WriterOptions options = {});
  /// Closes, and keeps silent about what fails: call close().
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// The same schema or channel again gets the same number. @throws LogicError for the 65 536th, a schema that is
  /// unknown, or after close().
  SchemaId add_schema(std::string_view name, std::string_view encoding, std::span<const std::byte> data);
  SchemaId add_schema(std::string_view name, std::string_view encoding, std::string_view data);
  ChannelId add_channel(SchemaId schema, std::string_view topic, std::string_view message_encoding,
                        const std::map<std::string, std::string>& metadata = {});

  /// Copies `data` into the chunk, and hands a full chunk to the sink. Times need not rise.
  /// @throws LogicError for an unknown channel, a time before 1970, or data beyond 4 GiB.
  void write(const Message& message);
  /// The same. Inline: a span that is the sixth argument travels in memory, and stalls whoever made it just before.
  void write(ChannelId channel, std::uint32_t sequence, core::Nanoseconds log_time_ns,
             core::Nanoseconds publish_time_ns, std::span<const std::byte> data) {
    write({channel, sequence, log_time_ns, publish_time_ns, data});
  }

  /// Both end the chunk and are with the sink when they return.
  void attach(const Attachment& attachment);
  void add_metadata(std::string_view name, const std::map<std::string, std::string>& values);

  /// Ends the chunk: everything is with the sink, and with FileSink survives this process.
  void flush();

  /// flush(), and what is written survives a loss of power.
  void sync();

  /// Writes the summary. The second call does nothing.
  void close();

  [[nodiscard]] WriterStatistics statistics() const noexcept;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace takt::trajectory::mcap
