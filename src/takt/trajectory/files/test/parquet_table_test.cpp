#include "takt/trajectory/files/parquet_table.hpp"

#include <gtest/gtest.h>

namespace takt::trajectory::files {
namespace {

TEST(ParquetTableTest, ColumnsKnowTheirTypeAndRows) {
  const ParquetColumn plain{.name = "a", .values = std::vector<double>{1.0, 2.0}};
  const ParquetColumn lists{.name = "b", .values = std::vector<float>{1, 2, 3}, .list = true, .ends = {2, 2, 3}};
  EXPECT_EQ(rows(plain), 2U);
  EXPECT_EQ(rows(lists), 3U);
  EXPECT_EQ(size(lists.values), 3U);
  EXPECT_STREQ(type_name(plain.values), "double");
  EXPECT_STREQ(type_name(lists.values), "float");
  EXPECT_STREQ(type_name(std::vector<std::int64_t>{}), "int64");
  EXPECT_STREQ(type_name(std::vector<std::string>{}), "string");
}

}  // namespace
}  // namespace takt::trajectory::files
