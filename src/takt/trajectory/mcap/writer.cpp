#include "takt/trajectory/mcap/writer.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/mcap/internal/chunk_builder.hpp"
#include "takt/trajectory/mcap/internal/records.hpp"
#include "takt/trajectory/mcap/internal/summary_builder.hpp"

// A schema and a channel are written into the chunk of the channel's first message, before it; the summary repeats all
// of them. So a file that ends anywhere says of each message that is left what it is.

namespace takt::trajectory::mcap {
namespace {

using internal::Bytes;
using internal::ByteView;

constexpr std::size_t kMostChunkBytes = std::size_t{64} << 20U;
constexpr std::size_t kMostNumbers = std::numeric_limits<std::uint16_t>::max();
constexpr std::size_t kMostText = std::numeric_limits<std::uint32_t>::max();

std::size_t index_of(SchemaId id) {
  return static_cast<std::size_t>(id) - 1;
}
std::size_t index_of(ChannelId id) {
  return static_cast<std::size_t>(id) - 1;
}

void require_length(std::size_t size, const char* what) {
  if (size > kMostText) {
    throw LogicError(fmt::format("{} has {} bytes; MCAP has room for {}", what, size, kMostText));
  }
}

void require_time(core::Nanoseconds time_ns, const char* what) {
  if (time_ns < 0) {
    throw LogicError(fmt::format("{} {} ns: MCAP's times begin in 1970", what, time_ns));
  }
}

void require_lengths(const std::map<std::string, std::string>& map, const char* what) {
  std::size_t size = 0;
  for (const auto& [key, value] : map) {
    size += key.size() + value.size() + 2 * sizeof(std::uint32_t);
  }
  require_length(size, what);
}

}  // namespace

class Writer::State {
 public:
  State(std::unique_ptr<Sink> sink, WriterOptions options)
      : sink_(std::move(sink)), options_(std::move(options)), chunk_(options_.compression, options_.chunk_bytes) {
    Bytes bytes;
    internal::append_bytes(bytes, std::as_bytes(std::span(internal::kMagic)));
    internal::append_header(bytes, {options_.profile, options_.library});
    give(bytes);
  }

  SchemaId add_schema(std::string_view name, std::string_view encoding, ByteView data) {
    require_open();
    for (const Schema& schema : schemas_) {
      if (schema.name == name && schema.encoding == encoding && std::ranges::equal(schema.data, data)) {
        return schema.id;
      }
    }
    require_room(schemas_.size(), "schemas");
    require_length(name.size() + encoding.size() + data.size(), "a schema");
    const auto id = static_cast<SchemaId>(schemas_.size() + 1);
    schemas_.push_back({id, std::string(name), std::string(encoding), {data.begin(), data.end()}});
    schema_written_.push_back(false);
    return id;
  }

  ChannelId add_channel(Channel channel) {
    require_open();
    if (channel.schema != kNoSchema && index_of(channel.schema) >= schemas_.size()) {
      throw LogicError(
          fmt::format("channel {}: there is no schema {}", channel.topic, static_cast<std::uint16_t>(channel.schema)));
    }
    for (const Channel& other : channels_) {
      channel.id = other.id;
      if (channel == other) {
        return other.id;
      }
    }
    require_room(channels_.size(), "channels");
    require_length(channel.topic.size() + channel.message_encoding.size(), "a channel");
    require_lengths(channel.metadata, "a channel's metadata");
    channel.id = static_cast<ChannelId>(channels_.size() + 1);
    channels_.push_back(std::move(channel));
    written_.push_back({});
    return channels_.back().id;
  }

  void write(const Message& message) {
    require_open();
    const std::size_t index = index_of(message.channel);
    if (index >= channels_.size()) {
      throw LogicError(fmt::format("there is no channel {}", static_cast<std::uint16_t>(message.channel)));
    }
    require_time(message.log_time_ns, "log time");
    require_time(message.publish_time_ns, "publish time");
    require_length(message.data.size(), "a message");
    Written& written = written_[index];
    if (!written.channel) {
      announce(index);
    }
    chunk_.append_message(index, message);
    ++written.messages;
    message_bytes_ += message.data.size();
    if (chunk_.size() >= options_.chunk_bytes) {
      end_chunk();
    }
  }

  void attach(const Attachment& attachment) {
    require_open();
    require_time(attachment.log_time_ns, "log time");
    require_time(attachment.create_time_ns, "creation time");
    require_length(attachment.name.size() + attachment.media_type.size(), "an attachment's name");
    end_chunk();
    Bytes bytes;
    internal::append_attachment(bytes, attachment);
    const std::uint64_t offset = position_;
    give(bytes);
    summary_.add_attachment(attachment, offset, bytes.size());
    ++attachments_;
  }

  void add_metadata(std::string_view name, const std::map<std::string, std::string>& values) {
    require_open();
    require_length(name.size(), "the name of metadata");
    require_lengths(values, "metadata");
    end_chunk();
    Bytes bytes;
    internal::append_metadata(bytes, name, values);
    const std::uint64_t offset = position_;
    give(bytes);
    summary_.add_metadata(name, offset, bytes.size());
    ++metadata_;
  }

  void flush() {
    require_open();
    end_chunk();
  }

  void sync() {
    flush();
    guarded([&] { sink_->sync(); });
  }

  void close() {
    if (closed_) {
      return;
    }
    flush();
    const Bytes bytes = summary_.finish(position_, schemas_, channels_, contents());
    give(bytes);
    closed_ = true;
  }

  [[nodiscard]] bool broken() const noexcept { return !broken_.empty(); }

  [[nodiscard]] WriterStatistics statistics() const noexcept {
    WriterStatistics statistics{.chunks = chunks_, .bytes = position_, .message_bytes = message_bytes_};
    for (const Written& written : written_) {
      statistics.messages += written.messages;
    }
    return statistics;
  }

 private:
  struct Written {
    bool channel{false};
    std::uint64_t messages{0};
  };

  void require_open() const {
    if (broken()) {
      throw SystemError(broken_);
    }
    if (closed_) {
      throw LogicError("this MCAP file was closed before");
    }
  }

  static void require_room(std::size_t have, const char* what) {
    if (have >= kMostNumbers) {
      throw LogicError(fmt::format("an MCAP file has room for {} {}", kMostNumbers, what));
    }
  }

  void announce(std::size_t index) {
    Bytes records;
    const Channel& channel = channels_[index];
    if (channel.schema != kNoSchema && !schema_written_[index_of(channel.schema)]) {
      internal::append_schema(records, schemas_[index_of(channel.schema)]);
      schema_written_[index_of(channel.schema)] = true;
    }
    internal::append_channel(records, channel);
    chunk_.append(records);
    written_[index].channel = true;
  }

  void end_chunk() {
    if (chunk_.empty()) {
      return;
    }
    const auto finished = chunk_.finish();
    const std::uint64_t offset = position_;
    give(finished.parts);
    summary_.add_chunk(finished, offset);
    first_ns_ = chunks_ == 0 ? finished.start_ns : std::min(first_ns_, finished.start_ns);
    last_ns_ = std::max(last_ns_, finished.end_ns);
    ++chunks_;
    chunk_.clear();
  }

  void give(Sink::Parts parts) {
    guarded([&] { sink_->write(parts); });
    for (const ByteView part : parts) {
      position_ += part.size();
    }
  }

  void give(const Bytes& bytes) {
    const std::array<ByteView, 1> parts{bytes};
    give(parts);
  }

  // Whatever the sink throws breaks the writer: nobody knows what of it is written.
  template <class Action>
  void guarded(Action action) {
    try {
      action();
    } catch (const std::exception& error) {
      broken_ = error.what();
      throw;
    }
  }

  [[nodiscard]] Statistics contents() const {
    Statistics statistics{.chunks = chunks_,
                          .attachments = attachments_,
                          .metadata = metadata_,
                          .first_log_time_ns = first_ns_,
                          .last_log_time_ns = last_ns_};
    for (std::size_t i = 0; i < written_.size(); ++i) {
      if (written_[i].messages > 0) {
        statistics.messages_of[channels_[i].id] = written_[i].messages;
        statistics.messages += written_[i].messages;
      }
    }
    return statistics;
  }

  std::unique_ptr<Sink> sink_;
  WriterOptions options_;
  internal::ChunkBuilder chunk_;
  internal::SummaryBuilder summary_;
  std::vector<Schema> schemas_;
  std::vector<bool> schema_written_;
  std::vector<Channel> channels_;
  std::vector<Written> written_;  // one per channel
  std::uint64_t position_{0};
  std::uint64_t chunks_{0};
  std::uint64_t attachments_{0};
  std::uint64_t metadata_{0};
  std::uint64_t message_bytes_{0};
  core::Nanoseconds first_ns_{0};
  core::Nanoseconds last_ns_{0};
  std::string broken_;
  bool closed_{false};
};

Writer::Writer(std::unique_ptr<Sink> sink, WriterOptions options) {
  if (sink == nullptr) {
    throw LogicError("an MCAP writer needs a sink");
  }
  if (options.chunk_bytes == 0 || options.chunk_bytes > kMostChunkBytes) {
    throw LogicError(fmt::format("chunks of {} bytes: 1 to {}", options.chunk_bytes, kMostChunkBytes));
  }
  require_length(options.profile.size(), "a profile");
  require_length(options.library.size(), "a library's name");
  state_ = std::make_unique<State>(std::move(sink), std::move(options));
}

Writer::~Writer() {
  try {
    if (!state_->broken()) {
      state_->close();
    }
  } catch (const std::exception&) {  // as the header says: who wants to know calls close()
  }
}

SchemaId Writer::add_schema(std::string_view name, std::string_view encoding, std::span<const std::byte> data) {
  return state_->add_schema(name, encoding, data);
}

SchemaId Writer::add_schema(std::string_view name, std::string_view encoding, std::string_view data) {
  return state_->add_schema(name, encoding, std::as_bytes(std::span(data)));
}

ChannelId Writer::add_channel(SchemaId schema, std::string_view topic, std::string_view message_encoding,
                              const std::map<std::string, std::string>& metadata) {
  return state_->add_channel({.schema = schema,
                              .topic = std::string(topic),
                              .message_encoding = std::string(message_encoding),
                              .metadata = metadata});
}

void Writer::write(ChannelId channel, std::uint32_t sequence, core::Nanoseconds log_time_ns,
                   core::Nanoseconds publish_time_ns, std::span<const std::byte> data) {
  state_->write({channel, sequence, log_time_ns, publish_time_ns, data});
}

void Writer::attach(const Attachment& attachment) {
  state_->attach(attachment);
}

void Writer::add_metadata(std::string_view name, const std::map<std::string, std::string>& values) {
  state_->add_metadata(name, values);
}

void Writer::flush() {
  state_->flush();
}

void Writer::sync() {
  state_->sync();
}

void Writer::close() {
  state_->close();
}

WriterStatistics Writer::statistics() const noexcept {
  return state_->statistics();
}

}  // namespace takt::trajectory::mcap
