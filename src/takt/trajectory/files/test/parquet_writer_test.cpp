#include "takt/trajectory/files/parquet_writer.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/files/parquet_reader.hpp"

namespace takt::trajectory::files {
namespace {

/// What the reader makes of what the writer made.
ParquetTable again(const ParquetTable& table) {
  const ParquetReader reader(write_parquet(table), "t.parquet");
  ParquetTable found{
      .rows = reader.rows(), .columns = {}, .group_ends = table.group_ends, .metadata = reader.metadata()};
  for (const std::string& name : reader.names()) {
    found.columns.push_back(reader.read(name));
  }
  return found;
}

ParquetTable every_type() {
  return {
      .rows = 3,
      .columns = {{.name = "i", .values = std::vector<std::int64_t>{-1, 0, std::numeric_limits<std::int64_t>::max()}},
                  {.name = "f", .values = std::vector<float>{0.1F, -0.0F, 3e38F}},
                  {.name = "d", .values = std::vector<double>{0.1, 5e-324, -1.7e308}},
                  {.name = "s", .values = std::vector<std::string>{"", "grüß", std::string(300, 'x')}},
                  {.name = "lf", .values = std::vector<float>{1, 2, 3, 4}, .list = true, .ends = {2, 2, 4}},
                  {.name = "ls", .values = std::vector<std::string>{"a"}, .list = true, .ends = {0, 0, 1}},
                  {.name = "ld", .values = std::vector<double>{1, 2, 3}, .list = true, .ends = {1, 2, 3}}},
      .metadata = {{"pandas", "{}"}, {"takt", "1"}}};
}

TEST(ParquetWriterTest, WhatIsWrittenIsReadBackToTheBit) {
  EXPECT_EQ(again(every_type()), every_type());
}

TEST(ParquetWriterTest, KeepsRowGroupsAndManyPages) {
  ParquetTable table{.rows = 40'000, .columns = {}, .group_ends = {1, 20'000, 40'000}};
  std::vector<double> numbers;
  ParquetColumn lists{.name = "l", .values = std::vector<float>{}, .list = true};
  for (std::size_t row = 0; row < table.rows; ++row) {
    numbers.push_back(std::sin(static_cast<double>(row)));
    auto& values = std::get<std::vector<float>>(lists.values);
    values.insert(values.end(), row % 4, static_cast<float>(row));
    lists.ends.push_back(values.size());
  }
  table.columns = {{.name = "d", .values = numbers}, lists};
  EXPECT_EQ(again(table), table);
}

TEST(ParquetWriterTest, WritesATableWithoutRows) {
  const ParquetTable empty{.rows = 0, .columns = {{.name = "a", .values = std::vector<double>{}}}};
  EXPECT_EQ(again(empty), empty);
}

TEST(ParquetWriterTest, MarksItsFilesAtBothEnds) {
  const std::string bytes = write_parquet(every_type());
  EXPECT_TRUE(bytes.starts_with("PAR1"));
  EXPECT_TRUE(bytes.ends_with("PAR1"));
}

TEST(ParquetWriterTest, ATableThatContradictsItselfIsABug) {
  ParquetTable unequal = every_type();
  unequal.rows = 4;
  EXPECT_THROW(static_cast<void>(write_parquet(unequal)), LogicError);
  ParquetTable twice = every_type();
  twice.columns[1].name = "i";
  EXPECT_THROW(static_cast<void>(write_parquet(twice)), LogicError);
  ParquetTable lists = every_type();
  lists.columns[4].ends = {2, 1, 4};
  EXPECT_THROW(static_cast<void>(write_parquet(lists)), LogicError);
  ParquetTable groups = every_type();
  groups.group_ends = {2};
  EXPECT_THROW(static_cast<void>(write_parquet(groups)), LogicError);
}

}  // namespace
}  // namespace takt::trajectory::files
