#include "takt/trajectory/mcap/writer.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/mcap/internal/chunk_builder.hpp"
#include "takt/trajectory/mcap/internal/definitions.hpp"
#include "takt/trajectory/mcap/internal/limits.hpp"
#include "takt/trajectory/mcap/internal/records.hpp"
#include "takt/trajectory/mcap/internal/summary_builder.hpp"

// A schema and a channel are written into the chunk of the channel's first message, before it; the summary repeats all
// of them. So a file that ends anywhere says of each message that is left what it is; and other chunks begin with them
// again, so that a chunk that is damaged later costs no other one, though the summary be missing.

namespace takt::trajectory::mcap {
namespace {

using internal::Bytes;
using internal::ByteView;
using internal::require_length;
using internal::require_lengths;
using internal::require_time;

constexpr std::size_t kMostChunkBytes = std::size_t{64} << 20U;

}  // namespace

class Writer::State {
 public:
  State(std::unique_ptr<Sink> sink, WriterOptions options)
      : sink_(std::move(sink)), options_(std::move(options)), chunk_(options_.compression, options_.chunk_bytes) {
    Bytes bytes;
    internal::append_bytes(bytes, std::as_bytes(std::span(internal::kMagic)));
    internal::append_header(bytes, {options_.profile, options_.library});
    give(bytes);
    flush_sink();
  }

  /// To add to.
  [[nodiscard]] internal::Definitions& definitions() {
    require_open();
    return definitions_;
  }

  ChannelId add_channel(Channel channel) {
    const ChannelId id = definitions().add_channel(std::move(channel));
    messages_.resize(definitions_.channels().size());
    return id;
  }

  void write(const Message& message) {
    require_open();
    const std::size_t place = definitions_.place_of(message.channel);
    require_time(message.log_time_ns, "log time");
    require_time(message.publish_time_ns, "publish time");
    require_length(message.data.size(), "a message");
    if (chunk_.empty()) {
      chunk_.append(definitions_.announce_again(chunks_));
    }
    if (!definitions_.announced(place)) {
      chunk_.append(definitions_.announce(place));
    }
    chunk_.append_message(place, message);
    ++messages_[place];
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
    flush_sink();
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
    flush_sink();
    summary_.add_metadata(name, offset, bytes.size());
    ++metadata_;
  }

  void flush() {
    require_open();
    end_chunk();
    flush_sink();
  }

  void sync() {
    flush();
    guarded([&] { sink_->sync(); });
  }

  void close() {
    if (!open_ && !broken()) {
      return;
    }
    require_open();
    end_chunk();
    const Bytes bytes = summary_.finish(position_, definitions_.schemas(), definitions_.channels(), contents());
    give(bytes);
    flush_sink();
    open_ = false;
  }

  [[nodiscard]] bool broken() const noexcept { return !broken_.empty(); }

  [[nodiscard]] WriterStatistics statistics() const noexcept {
    WriterStatistics statistics{.chunks = chunks_, .bytes = position_, .message_bytes = message_bytes_};
    for (const std::uint64_t messages : messages_) {
      statistics.messages += messages;
    }
    return statistics;
  }

 private:
  void require_open() const {
    if (!open_) [[unlikely]] {
      throw_not_open();
    }
  }

  [[noreturn]] void throw_not_open() const {
    if (broken()) {
      throw SystemError(broken_);
    }
    throw LogicError("this MCAP file was closed before");
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

  void flush_sink() {
    guarded([&] { sink_->flush(); });
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
      open_ = false;
      throw;
    }
  }

  [[nodiscard]] Statistics contents() const {
    Statistics statistics{.chunks = chunks_,
                          .attachments = attachments_,
                          .metadata = metadata_,
                          .first_log_time_ns = first_ns_,
                          .last_log_time_ns = last_ns_};
    for (std::size_t place = 0; place < messages_.size(); ++place) {
      if (messages_[place] > 0) {
        statistics.messages_of[definitions_.channels()[place].id] = messages_[place];
        statistics.messages += messages_[place];
      }
    }
    return statistics;
  }

  std::unique_ptr<Sink> sink_;
  WriterOptions options_;
  internal::ChunkBuilder chunk_;
  internal::SummaryBuilder summary_;
  internal::Definitions definitions_;
  std::vector<std::uint64_t> messages_;  // one per channel
  std::uint64_t position_{0};
  std::uint64_t chunks_{0};
  std::uint64_t attachments_{0};
  std::uint64_t metadata_{0};
  std::uint64_t message_bytes_{0};
  core::Nanoseconds first_ns_{0};
  core::Nanoseconds last_ns_{0};
  std::string broken_;
  bool open_{true};  // neither broken nor closed
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
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): who wants to know calls close()
  }
}

SchemaId Writer::add_schema(std::string_view name, std::string_view encoding, std::span<const std::byte> data) {
  return state_->definitions().add_schema(name, encoding, data);
}

SchemaId Writer::add_schema(std::string_view name, std::string_view encoding, std::string_view data) {
  return state_->definitions().add_schema(name, encoding, std::as_bytes(std::span(data)));
}

ChannelId Writer::add_channel(SchemaId schema, std::string_view topic, std::string_view message_encoding,
                              const std::map<std::string, std::string>& metadata) {
  return state_->add_channel({.schema = schema,
                              .topic = std::string(topic),
                              .message_encoding = std::string(message_encoding),
                              .metadata = metadata});
}

void Writer::write(const Message& message) {
  state_->write(message);
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
