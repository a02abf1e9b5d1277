#include "takt/trajectory/files/parquet_reader.hpp"

#include <cstdint>
#include <cstring>
#include <string>

#include <gtest/gtest.h>
#include <zstd.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/files/internal/packed.hpp"
#include "takt/trajectory/files/internal/parquet_values.hpp"
#include "takt/trajectory/files/parquet_writer.hpp"

namespace takt::trajectory::files {
namespace {

using internal::unpack_runs;
using internal::unpack_snappy;

std::string sample() {
  return write_parquet({.rows = 2,
                        .columns = {{.name = "a", .values = std::vector<std::int64_t>{5, 6}},
                                    {.name = "l", .values = std::vector<float>{1, 2}, .list = true, .ends = {1, 2}}}});
}

/// The message of the ConfigError that `action` must end in; it must be one line.
template <class Action>
std::string refusal(Action action) {
  try {
    action();
  } catch (const ConfigError& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find_first_of("\r\n"), std::string::npos) << message;
    return message;
  }
  return "accepted";
}

std::string refusal_of(const std::string& bytes, const std::string& column = "a", const ParquetLimits& limits = {}) {
  return refusal([&] {
    const ParquetReader reader(bytes, "x.parquet", limits);
    static_cast<void>(reader.read(column));
  });
}

std::string changed(std::string bytes, std::string_view from, std::string_view to) {
  const std::size_t at = bytes.find(from);
  EXPECT_NE(at, std::string::npos);
  return at == std::string::npos ? bytes : bytes.replace(at, from.size(), to);
}

TEST(ParquetReaderTest, RefusesWhatIsNoParquetFileByName) {
  EXPECT_EQ(refusal_of(""), "x.parquet: is no Parquet file, or was not written to its end");
  EXPECT_EQ(refusal_of("PAR1PAR1"), "x.parquet: is no Parquet file, or was not written to its end");
  EXPECT_EQ(refusal_of(sample().substr(0, sample().size() - 1)),
            "x.parquet: is no Parquet file, or was not written to its end");
}

TEST(ParquetReaderTest, RefusesAFooterLongerThanTheFile) {
  std::string bytes = sample();
  bytes[bytes.size() - 5] = '\x7f';
  EXPECT_EQ(refusal_of(bytes), "x.parquet: no sound Parquet file: its footer is longer than the file");
}

TEST(ParquetReaderTest, NamesTheColumnsThereAre) {
  EXPECT_EQ(refusal_of(sample(), "b"), "x.parquet: has no column 'b', but 'a', 'l'");
}

TEST(ParquetReaderTest, RefusesMoreValuesThanTheLimit) {
  EXPECT_EQ(refusal_of(sample(), "a", {.values = 1}),
            "x.parquet: column 'a': a page claims 2 values; at most 1 of a column are read");
}

TEST(ParquetReaderTest, RefusesMoreTextThanTheLimitInAllPagesOfAColumnTogether) {
  const std::string text(100, 'x');
  const std::string bytes =
      write_parquet({.rows = 3,
                     .columns = {{.name = "a", .values = std::vector<std::string>{text, text, text}}},
                     .group_ends = {1, 2, 3}});
  EXPECT_EQ(refusal_of(bytes, "a", {.page_bytes = 400}), "accepted");
  EXPECT_EQ(refusal_of(bytes, "a", {.page_bytes = 300}), "x.parquet: column 'a': texts of more than 300 bytes");
}

TEST(ParquetReaderTest, TextsOfADictionaryTakeRoomEachTimeTheyAreNamed) {
  const ParquetValues dictionary = std::vector<std::string>{std::string(1000, 'x')};
  const std::vector<std::uint32_t> indices(10, 0);
  ParquetValues values = std::vector<std::string>{};
  internal::TextRoom room(15'000);
  internal::append_indexed(values, dictionary, indices, room, "w");  // a page
  EXPECT_EQ(refusal([&] { internal::append_indexed(values, dictionary, indices, room, "w"); }),
            "w: texts of more than 15000 bytes");
  EXPECT_LT(size(values), 15U);
}

TEST(ParquetReaderTest, RefusesMorePagesThanTheLimitWhateverIsInThem) {
  const std::string bytes = write_parquet(
      {.rows = 3, .columns = {{.name = "a", .values = std::vector<std::int64_t>{1, 2, 3}}}, .group_ends = {1, 2, 3}});
  EXPECT_EQ(refusal_of(bytes, "a", {.page_bytes = 20}), "accepted");
  EXPECT_EQ(refusal_of(bytes, "a", {.page_bytes = 20, .column_bytes = 20}),
            "x.parquet: column 'a': its pages have more than 20 bytes, unpacked");
}

/// A footer of FileMetaData whose field 2, a list, holds 14 structs of one byte: their end.
TEST(ParquetReaderTest, RefusesStructsWithNothingInThem) {
  const std::string footer = "\x29\xEC" + std::string(14, '\0') + std::string(1, '\0');
  const std::string bytes = "PAR1" + footer + std::string{static_cast<char>(footer.size()), 0, 0, 0} + "PAR1";
  EXPECT_EQ(refusal_of(bytes), "x.parquet: no sound Parquet file: its footer has a struct with nothing in it");
}

TEST(ParquetReaderTest, RefusesAFooterThatIsTooLong) {
  const std::string refused = refusal_of(sample(), "a", {.footer_bytes = 10});
  EXPECT_TRUE(refused.ends_with(" bytes; at most 10 are read")) << refused;
}

/// Field 4 of the column's metadata, an i32: its head 0x15 (the field after field 3), its value in zigzag.
TEST(ParquetReaderTest, RefusesACompressionItDoesNotReadByItsName) {
  const std::string gzip = changed(sample(),
                                   std::string("\x18\x01"
                                               "a\x15\x00",
                                               5),
                                   std::string("\x18\x01"
                                               "a\x15\x04",
                                               5));
  EXPECT_EQ(refusal_of(gzip),
            "x.parquet: column 'a': compression GZIP (2) is not read here, but UNCOMPRESSED, SNAPPY and ZSTD");
}

/// The first page header: type 0, sizes 22, 5: {values 2, encoding 0 …}.
TEST(ParquetReaderTest, RefusesAnEncodingItDoesNotReadByItsName) {
  const std::string delta =
      changed(sample(), std::string("\x2c\x15\x04\x15\x00", 5), std::string("\x2c\x15\x04\x15\x0a", 5));
  EXPECT_EQ(refusal_of(delta),
            "x.parquet: column 'a': encoding DELTA_BINARY_PACKED (5) is not read here, but PLAIN and RLE_DICTIONARY");
}

TEST(ParquetReaderTest, RefusesAMissingValue) {
  // Levels of two values: 2 bytes, one run of two, of level 1; made 0.
  const std::string missing =
      changed(sample(), std::string("\x02\x00\x00\x00\x04\x01", 6), std::string("\x02\x00\x00\x00\x04\x00", 6));
  EXPECT_EQ(refusal_of(missing), "x.parquet: column 'a': a value is missing in row 0");
}

TEST(ParquetReaderTest, EveryFileCutShortIsRefusedInOneLine) {
  const std::string whole = sample();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(refusal_of(whole.substr(0, size)), "accepted") << size;
  }
}

TEST(ParquetReaderTest, NoChangedByteDoesMoreThanBeRefusedOrRead) {
  const std::string whole = sample();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ flip);
      for (const char* column : {"a", "l"}) {
        static_cast<void>(refusal_of(bytes, column, {.values = 1000, .page_bytes = 10'000}));
      }
    }
  }
}

TEST(PackedTest, RunsAndPackedBitsAreUnpacked) {
  // 3 times 5, then eight numbers of 3 bits, 0 … 7: the format's own example 88 C6 FA.
  const std::string bytes("\x06\x05\x03\x88\xC6\xFA", 6);
  EXPECT_EQ(unpack_runs(bytes, 3, 11, "w"), (std::vector<std::uint32_t>{5, 5, 5, 0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(unpack_runs("", 0, 2, "w"), (std::vector<std::uint32_t>{0, 0}));
  EXPECT_EQ(refusal([&] { static_cast<void>(unpack_runs(bytes, 3, 12, "w")); }), "w: packed data ends too early");
  EXPECT_EQ(refusal([&] { static_cast<void>(unpack_runs(std::string(4, '\0'), 3, 1, "w")); }),
            "w: packed data has a run of nothing");
}

TEST(PackedTest, SnappyIsUnpackedWithItsLiteralsAndOverlappingCopies) {
  // 10 bytes: literal "ab", then a copy of 8 from 2 back (one-byte offset).
  const std::string packed(
      "\x0a\x04"
      "ab\x11\x02",
      6);
  EXPECT_EQ(unpack_snappy(packed, 10, "w"), "ababababab");
  // The same with two-byte and four-byte offsets.
  EXPECT_EQ(unpack_snappy(std::string("\x0a\x04"
                                      "ab\x1e\x02\x00",
                                      7),
                          10, "w"),
            "ababababab");
  EXPECT_EQ(unpack_snappy(std::string("\x0a\x04"
                                      "ab\x1f\x02\x00\x00\x00",
                                      9),
                          10, "w"),
            "ababababab");
  // A literal whose length is in a byte of its own.
  EXPECT_EQ(unpack_snappy(std::string("\x46\xf0\x45", 3) + std::string(70, 'y'), 70, "w"), std::string(70, 'y'));
}

TEST(PackedTest, ZstdIsUnpackedAndRefusedWhenItLies) {
  const std::string text(1000, 'z');
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 1));
  EXPECT_EQ(internal::unpack_zstd(packed, 1000, "w"), text);
  for (const std::size_t size : {std::size_t{999}, std::size_t{1001}}) {
    EXPECT_EQ(refusal([&] { static_cast<void>(internal::unpack_zstd(packed, size, "w")); }),
              "w: zstd data is broken or not as long as its page says");
  }
}

TEST(PackedTest, SnappyThatLiesIsRefused) {
  const auto refused = [](std::string_view packed, std::size_t size) {
    return refusal([&] { static_cast<void>(unpack_snappy(packed, size, "w")); });
  };
  EXPECT_EQ(refused(std::string_view("\x0a\x04"
                                     "ab\x11\x02",
                                     6),
                    11),
            "w: snappy data is not as long as its page says");
  EXPECT_EQ(refused(std::string_view("\x0a\x04"
                                     "ab\x11\x03",
                                     6),
                    10),
            "w: snappy data refers to what is not there");
  EXPECT_EQ(refused(std::string_view("\x09\x04"
                                     "ab\x11\x02",
                                     6),
                    9),
            "w: snappy data refers to what is not there");
  EXPECT_EQ(refused(std::string_view("\x0a\x04"
                                     "ab",
                                     4),
                    10),
            "w: snappy data ends too early");
  EXPECT_EQ(refused(std::string_view("\x01\x04"
                                     "ab",
                                     4),
                    1),
            "w: snappy data is longer than it says");
}

}  // namespace
}  // namespace takt::trajectory::files
