#include "takt/trajectory/mcap/source.hpp"

#include <array>
#include <fstream>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/trajectory/mcap/test/files.hpp"

namespace takt::trajectory::mcap {
namespace {

using test::OwnFolder;
using test::text_of;

std::string read(Source& source, std::uint64_t offset, std::size_t size) {
  std::vector<std::byte> bytes(size);
  source.read(offset, bytes);
  return text_of(bytes);
}

TEST(FileSourceTest, ReadsWhereItIsTold) {
  const OwnFolder folder;
  std::ofstream(folder / "a") << "0123456789";
  FileSource source(folder / "a");
  EXPECT_EQ(source.size(), 10U);
  EXPECT_EQ(source.name(), (folder / "a").string());
  EXPECT_EQ(read(source, 7, 3), "789");
  EXPECT_EQ(read(source, 0, 2), "01");
  EXPECT_EQ(read(source, 10, 0), "");
}

TEST(FileSourceTest, SaysThatAFileWasCutMeanwhile) {
  const OwnFolder folder;
  std::ofstream(folder / "a") << "0123456789";
  FileSource source(folder / "a");
  std::filesystem::resize_file(folder / "a", 5);
  EXPECT_THROW(read(source, 3, 4), SystemError);
}

TEST(FileSourceTest, RefusesWhatIsNotThereOrNoFile) {
  const OwnFolder folder;
  EXPECT_THROW(FileSource(folder / "missing"), ConfigError);
  EXPECT_THROW(FileSource{folder.path()}, ConfigError);
  EXPECT_THROW(FileSource("/dev/null"), ConfigError);
}

TEST(MemorySourceTest, ReadsWhereItIsTold) {
  const auto bytes = test::bytes_of("0123456789");
  MemorySource source(bytes, "name");
  EXPECT_EQ(source.name(), "name");
  EXPECT_EQ(source.size(), 10U);
  EXPECT_EQ(read(source, 7, 3), "789");
  EXPECT_THROW(read(source, 8, 3), LogicError);
}

}  // namespace
}  // namespace takt::trajectory::mcap
