#include "takt/trajectory/mcap/sink.hpp"

#include <fstream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/testing/file_size_limit.hpp"
#include "takt/trajectory/mcap/test/files.hpp"

namespace {

/// What was brought to the disk, and by which call, in its order, while a test asks for it.
std::vector<std::pair<long, ino_t>>* synced = nullptr;

int note_sync(long call, int file) {
  struct stat found{};
  if (synced != nullptr && fstat(file, &found) == 0) {
    synced->emplace_back(call, found.st_ino);
  }
  return static_cast<int>(syscall(call, file));
}

}  // namespace

// In the place of the C library's: what is on the disk cannot be seen without the loss of power.
extern "C" int fsync(int file) {
  return note_sync(SYS_fsync, file);
}
extern "C" int fdatasync(int file) {
  return note_sync(SYS_fdatasync, file);
}

namespace takt::trajectory::mcap {
namespace {

using test::Bytes;
using test::bytes_of;
using test::OwnFolder;

std::string contents(const std::filesystem::path& path) {
  std::string text(std::filesystem::file_size(path), '\0');
  std::ifstream(path, std::ios::binary).read(text.data(), static_cast<std::streamsize>(text.size()));
  return text;
}

void write(Sink& sink, const std::vector<std::string>& texts) {
  std::vector<std::span<const std::byte>> parts;
  for (const std::string& text : texts) {
    parts.push_back(std::as_bytes(std::span(text)));
  }
  sink.write(parts);
}

TEST(FileSinkTest, WritesPartsOneAfterTheOther) {
  const OwnFolder folder;
  FileSink sink(folder / "a");
  write(sink, {"one, ", "", "two, "});
  sink.flush();
  EXPECT_EQ(contents(folder / "a"), "one, two, ");
  write(sink, {});
  write(sink, {"three"});
  sink.sync();
  EXPECT_EQ(contents(folder / "a"), "one, two, three");
}

TEST(FileSinkTest, WritesMorePartsThanTheKernelTakesAtOnce) {
  const OwnFolder folder;
  FileSink sink(folder / "a");
  std::vector<std::string> texts;
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    texts.push_back(std::to_string(i) + ",");
    expected += texts.back();
  }
  write(sink, texts);
  sink.flush();
  EXPECT_EQ(contents(folder / "a"), expected);
}

// Whatever the lengths, and wherever blocks end: all of it after a flush, all whole blocks before.
TEST(FileSinkTest, WritesWholeBlocksAtOnceAndTheRestWhenItIsTold) {
  const OwnFolder folder;
  FileSink sink(folder / "a");
  std::mt19937 random(5);
  std::string expected;
  for (int i = 0; i < 120; ++i) {
    std::vector<std::string> texts;
    for (std::size_t part = 0; part < random() % 4; ++part) {
      texts.push_back(std::string(random() % (part == 2 ? 600'000 : 9000), static_cast<char>('a' + i % 26)));
      expected += texts.back();
    }
    write(sink, texts);
    const std::string now = contents(folder / "a");
    ASSERT_GE(now.size(), expected.size() / 262'144 * 262'144);
    ASSERT_TRUE(expected.starts_with(now));
    if (i % 3 == 0) {
      sink.flush();
      ASSERT_EQ(contents(folder / "a"), expected);
    }
  }
}

TEST(FileSinkTest, WholePagesThatWereFlushedAreNotWrittenAgain) {
  const OwnFolder folder;
  FileSink sink(folder / "a");
  write(sink, {std::string(10'000, 'a')});
  sink.flush();
  std::fstream(folder / "a", std::ios::in | std::ios::out).write("other", 5);  // would be lost
  write(sink, {std::string(10'000, 'b')});
  sink.flush();
  write(sink, {std::string(300'000, 'c')});
  sink.flush();
  EXPECT_EQ(contents(folder / "a"),
            "other" + std::string(9995, 'a') + std::string(10'000, 'b') + std::string(300'000, 'c'));
}

TEST(FileSinkTest, TheDestructorFlushes) {
  const OwnFolder folder;
  {
    FileSink sink(folder / "a");
    write(sink, {"text"});
  }
  EXPECT_EQ(contents(folder / "a"), "text");
}

TEST(FileSinkTest, RefusesOrReplacesWhatIsThere) {
  const OwnFolder folder;
  {
    FileSink(folder / "a").write(std::vector<std::span<const std::byte>>{bytes_of("old")});
  }
  EXPECT_THROW(FileSink(folder / "a"), SystemError);
  EXPECT_EQ(contents(folder / "a"), "old");
  const FileSink replacing(folder / "a", FileSink::Existing::kReplace);
  EXPECT_EQ(contents(folder / "a"), "");
}

ino_t inode_of(const std::filesystem::path& path) {
  struct stat found{};
  EXPECT_EQ(stat(path.c_str(), &found), 0) << path;
  return found.st_ino;
}

TEST(FileSinkTest, TheFirstSyncBringsTheNameToTheDiskToo) {
  const OwnFolder folder;
  FileSink sink(folder / "a");
  write(sink, {"one"});
  std::vector<std::pair<long, ino_t>> found;
  synced = &found;
  sink.sync();
  sink.sync();
  synced = nullptr;
  const ino_t file = inode_of(folder / "a");
  const std::vector<std::pair<long, ino_t>> expected{
      {SYS_fsync, file}, {SYS_fsync, inode_of(folder.path())}, {SYS_fdatasync, file}};
  EXPECT_EQ(found, expected);
}

TEST(FileSinkTest, SaysWhichFileItCannotMake) {
  const OwnFolder folder;
  try {
    const FileSink sink(folder / "missing/a");
    FAIL();
  } catch (const SystemError& error) {
    EXPECT_NE(std::string(error.what()).find("missing/a"), std::string::npos) << error.what();
  }
}

TEST(FileSinkTest, AfterAWriteThatFailsHalfwayTheFileEndsWhereItDid) {
  for (const bool flushed : {false, true}) {
    const OwnFolder folder;
    FileSink sink(folder / "a");
    const std::string before(280'000, 'b');
    write(sink, {before});
    if (flushed) {
      sink.flush();
    }
    {
      const testing::FileSizeLimit limit(600'000);
      EXPECT_THROW(write(sink, {std::string(360'000, 'x'), std::string(360'000, 'y')}), SystemError);
    }
    EXPECT_EQ(contents(folder / "a"), before);
    write(sink, {", again"});
    sink.flush();
    EXPECT_EQ(contents(folder / "a"), before + ", again");
  }
}

TEST(FileSinkTest, AfterAWriteThatFailsWithinTheRestTheFileEndsWhereItWasFlushed) {
  const OwnFolder folder;
  FileSink sink(folder / "a");
  write(sink, {std::string(10'000, 'a')});
  sink.flush();
  std::fstream(folder / "a", std::ios::in | std::ios::out).write("other", 5);  // what is flushed is not written again
  write(sink, {std::string(10'000, 'b')});
  {
    const testing::FileSizeLimit limit(15'000);
    EXPECT_THROW(write(sink, {std::string(300'000, 'x')}), SystemError);
    EXPECT_EQ(contents(folder / "a"), "other" + std::string(9995, 'a'));
    EXPECT_THROW(sink.flush(), SystemError);
    EXPECT_EQ(contents(folder / "a"), "other" + std::string(9995, 'a'));
  }
  write(sink, {", again"});
  sink.flush();
  EXPECT_EQ(contents(folder / "a"), "other" + std::string(9995, 'a') + std::string(10'000, 'b') + ", again");
}

TEST(MemorySinkTest, WritesPartsOneAfterTheOther) {
  Bytes bytes;
  MemorySink sink(bytes);
  write(sink, {"one, ", "two"});
  sink.sync();
  EXPECT_EQ(bytes, bytes_of("one, two"));
}

}  // namespace
}  // namespace takt::trajectory::mcap
