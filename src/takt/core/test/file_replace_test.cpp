#include "takt/core/file_replace.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::core {
namespace {

namespace fs = std::filesystem;

class FileReplaceTest : public testing::Test {
 protected:
  FileReplaceTest() {
    std::string name = (fs::temp_directory_path() / "takt_file_replace_XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~FileReplaceTest() override { fs::remove_all(folder_); }

  static std::string contents(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator{}));
  }

  fs::path folder_;
};

TEST_F(FileReplaceTest, WritesANewFileAndReplacesAnOldOne) {
  const fs::path path = folder_ / "a.toml";
  replace_file(path, "first");
  EXPECT_EQ(contents(path), "first");
  replace_file(path, "2");
  EXPECT_EQ(contents(path), "2");
  EXPECT_EQ(files(), 1U);
}

TEST_F(FileReplaceTest, WritesFilesThatAreEmptyOrHoldAnyByte) {
  const fs::path path = folder_ / "bytes";
  replace_file(path, std::string_view{});
  EXPECT_EQ(contents(path), "");
  const std::string bytes("\0\r\n\xff", 4);
  replace_file(path, bytes);
  EXPECT_EQ(contents(path), bytes);
}

TEST_F(FileReplaceTest, TheOldFileIsSeenUntilTheNewOneIsWhole) {
  const fs::path path = folder_ / "a";
  write(path, "old");
  FileReplacement replacement(path);
  write(replacement.unfinished(), "ne");
  EXPECT_EQ(contents(path), "old");
  EXPECT_TRUE(is_unfinished(replacement.unfinished()));
  EXPECT_EQ(replacement.unfinished().parent_path(), folder_);
  write(replacement.unfinished(), "new");
  replacement.commit();
  EXPECT_EQ(contents(path), "new");
  EXPECT_THROW(replacement.commit(), LogicError);
}

TEST_F(FileReplaceTest, WhatIsNotCommittedLeavesNothingBehind) {
  const fs::path path = folder_ / "a";
  {
    const FileReplacement replacement(path);
  }
  EXPECT_EQ(files(), 0U);
}

TEST_F(FileReplaceTest, CommitNewLeavesAFileThatIsThere) {
  const fs::path path = folder_ / "a";
  {
    FileReplacement first(path);
    write(first.unfinished(), "first");
    EXPECT_TRUE(first.commit_new());
    FileReplacement second(path);
    write(second.unfinished(), "second");
    EXPECT_FALSE(second.commit_new());
  }
  EXPECT_EQ(contents(path), "first");
  EXPECT_EQ(files(), 1U);
}

TEST_F(FileReplaceTest, OfManyWhoMakeOneFileOneSucceeds) {
  const fs::path path = folder_ / "a";
  std::vector<int> made(8, 0);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < made.size(); ++i) {
    threads.emplace_back([&, i] {
      FileReplacement mine(path);
      write(mine.unfinished(), std::to_string(i));
      made[i] = mine.commit_new() ? 1 : 0;
    });
  }
  threads.clear();
  ASSERT_EQ(std::count(made.begin(), made.end(), 1), 1);
  const auto winner = std::find(made.begin(), made.end(), 1) - made.begin();
  EXPECT_EQ(contents(path), std::to_string(winner));
  EXPECT_EQ(files(), 1U);
}

TEST_F(FileReplaceTest, AReaderSeesOneOfTwoWholeFilesWhileTheyAreReplaced) {
  const fs::path path = folder_ / "a";
  const std::string ones(30'000, '1');
  const std::string twos(50'000, '2');
  replace_file(path, ones);
  std::atomic<int> replaced{0};
  std::jthread writer([&](const std::stop_token& stop) {
    for (bool odd = true; !stop.stop_requested(); odd = !odd) {
      replace_file(path, odd ? twos : ones);
      ++replaced;
    }
  });
  for (int i = 0; i < 200 || replaced < 3; ++i) {
    const std::string seen = contents(path);
    ASSERT_TRUE(seen == ones || seen == twos) << seen.size();
  }
}

TEST_F(FileReplaceTest, AProcessThatDiesLeavesTheOldFileAndAnUnfinishedOne) {
  const fs::path path = folder_ / "a";
  write(path, "old");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const FileReplacement replacement(path);
    _exit(0);  // without destructors, as SIGKILL
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(contents(path), "old");
  int unfinished = 0;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    unfinished += is_unfinished(entry.path()) ? 1 : 0;
  }
  EXPECT_EQ(unfinished, 1);
  EXPECT_FALSE(is_unfinished(path));
}

TEST_F(FileReplaceTest, AMarkTellsWhoseAnUnfinishedFileIs) {
  const FileReplacement plain(folder_ / "a");
  const FileReplacement marked(folder_ / "a", "shelf");
  EXPECT_TRUE(is_unfinished(plain.unfinished()));
  EXPECT_TRUE(is_unfinished(marked.unfinished()));
  EXPECT_FALSE(is_unfinished(plain.unfinished(), "shelf"));
  EXPECT_TRUE(is_unfinished(marked.unfinished(), "shelf"));
  EXPECT_FALSE(is_unfinished(marked.unfinished(), "helf"));
}

TEST_F(FileReplaceTest, SaysWhichFileItCannotWriteAndWhy) {
  const fs::path path = folder_ / "missing" / "a";
  try {
    replace_file(path, "x");
    FAIL();
  } catch (const SystemError& error) {
    EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("No such file"), std::string::npos) << error.what();
  }
  EXPECT_THROW(replace_file(folder_ / "", "x"), SystemError);
}

TEST_F(FileReplaceTest, AFolderInItsPlaceIsLeftThere) {
  fs::create_directory(folder_ / "a");
  EXPECT_THROW(replace_file(folder_ / "a", "x"), SystemError);
  EXPECT_TRUE(fs::is_directory(folder_ / "a"));
  EXPECT_EQ(files(), 1U);
}

TEST_F(FileReplaceTest, ANameWithoutFolderIsInTheCurrentOne) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  replace_file("a", "x");
  fs::current_path(before);
  EXPECT_EQ(contents(folder_ / "a"), "x");
}

}  // namespace
}  // namespace takt::core
