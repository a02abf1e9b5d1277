#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "takt/core/time.hpp"
#include "takt/trajectory/mcap/message_range.hpp"
#include "takt/trajectory/mcap/source.hpp"
#include "takt/trajectory/mcap/values.hpp"

namespace takt::trajectory::mcap {

/// Which messages.
struct Filter {
  std::vector<std::string> topics{};  ///< none: all; one that the file does not have selects nothing
  core::Nanoseconds from_ns{0};       ///< log time
  core::Nanoseconds to_ns{std::numeric_limits<core::Nanoseconds>::max()};  ///< log time, itself included
};

/// Where an attachment is, and its title.
struct AttachmentEntry {
  std::string name{};
  std::string media_type{};
  core::Nanoseconds log_time_ns{0};
  core::Nanoseconds create_time_ns{0};
  std::uint64_t offset{0};  ///< of its record in the file
  std::uint64_t length{0};  ///< of the whole record
  std::uint64_t size{0};    ///< of its data
};

/// What a scan of the file found.
struct Recovery {
  std::string why{};               ///< "the file does not end as an MCAP file does"; "" when ReaderOptions asked for it
  std::uint64_t whole_bytes{0};    ///< of the file, in records that are where they should be
  std::uint64_t lost_bytes{0};     ///< all others: where no record begins, or one does that is cut off
  std::uint64_t broken_chunks{0};  ///< that say something else than their CRC, or whose channels nothing describes
  std::uint64_t broken_records{0};  ///< others that are damaged, or of no kind that there is
  std::string first_loss{};         ///< "the record at byte 81920 is cut off"; "" when no record was lost
  Compression compression{};        ///< the strongest of any chunk

  [[nodiscard]] bool lossless() const noexcept { return first_loss.empty(); }
};

struct ReaderOptions {
  /// Decoded chunks that are kept. Until it is full each new one lies in memory that was never touched, where pages
  /// that the kernel has to find cost more than to read and decode the chunk again.
  std::size_t cache_bytes{std::size_t{16} << 20};
  /// Decoded chunks that overlap in time and take turns are held besides, of so many bytes and one of max_chunk_bytes.
  std::size_t overlap_bytes{std::size_t{64} << 20};
  /// A chunk that claims to be greater decoded is refused, and any other record that is greater; so is a summary.
  std::size_t max_chunk_bytes{std::size_t{256} << 20};
  bool read_all{false};  ///< scan the file though it has a summary: what is damaged in it is left out, not thrown at
};

/// Reads an MCAP file. Opening reads the summary and no message; a file without one, of a writer that was killed, or
/// with a damaged one, is scanned once from its start instead, and what is whole is there: recovery() says so.
///
/// A resource; one thread at a time, also its ranges. No number in the file makes it read beyond the file's end, or
/// allocate more than what is there and the options allow; schemas and channels, which chunks compress, are 64 MiB
/// together at most, and what goes beyond is damaged.
class Reader {
 public:
  /// @throws ConfigError naming the file: not there, no MCAP file; SystemError when it cannot be read.
  explicit Reader(const std::filesystem::path& path, ReaderOptions options = {});
  explicit Reader(std::unique_ptr<Source> source, ReaderOptions options = {});
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  [[nodiscard]] const std::string& name() const noexcept;  ///< of the source: the path
  [[nodiscard]] const std::string& profile() const noexcept;
  [[nodiscard]] const std::string& library() const noexcept;
  [[nodiscard]] const std::vector<Schema>& schemas() const noexcept;    ///< by rising number
  [[nodiscard]] const std::vector<Channel>& channels() const noexcept;  ///< by rising number
  [[nodiscard]] const Schema* find(SchemaId schema) const noexcept;     ///< nothing: there is none
  [[nodiscard]] const Channel* find(ChannelId channel) const noexcept;
  [[nodiscard]] const Channel* find_topic(std::string_view topic) const noexcept;  ///< the first of this topic
  [[nodiscard]] const Statistics& statistics() const noexcept;

  /// Nothing when the summary was sound.
  [[nodiscard]] const std::optional<Recovery>& recovery() const noexcept;
  [[nodiscard]] bool recovered() const noexcept { return recovery().has_value(); }

  /// In the order of the file. @throws ConfigError for a damaged one.
  [[nodiscard]] std::vector<Metadata> metadata() const;
  [[nodiscard]] const std::vector<AttachmentEntry>& attachments() const noexcept;
  /// @throws ConfigError when it is damaged.
  [[nodiscard]] Attachment attachment(const AttachmentEntry& entry) const;

  /// The messages of the filter by rising log time; those of one time in the order of the file. The reader must outlive
  /// the range.
  [[nodiscard]] MessageRange messages(const Filter& filter = {}) const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace takt::trajectory::mcap
