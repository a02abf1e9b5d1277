#include "takt/core/file_names.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/file_replace.hpp"

namespace {

/// What the file system of this program answers; 0: what it does. Tests change it while no other thread runs.
struct FileSystem {
  int rename_new_error{0};
  int link_error{0};
  bool links_twice{false};    ///< as NFS may
  bool unlinks_twice{false};  ///< as NFS may
  int unlink_error{0};
  int unlinked_error{0};  ///< after it was done
  int rename_error{0};
  int sync_error{0};
  std::function<void()> before_lstat{};   ///< done once
  std::function<void()> before_rename{};  ///< done once
  std::vector<ino_t>* synced_folders{nullptr};
} file_system;

void once(std::function<void()>& what) {
  if (const auto now = std::exchange(what, nullptr)) {
    now();
  }
}

}  // namespace

// In the place of the C library's: no file system that lacks these calls is at hand.
extern "C" int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) noexcept {
  if (flags == RENAME_NOREPLACE && file_system.rename_new_error != 0) {
    errno = file_system.rename_new_error;
    return -1;
  }
  return static_cast<int>(syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
}

extern "C" int link(const char* from, const char* to) noexcept {
  if (file_system.link_error != 0) {
    errno = file_system.link_error;
    return -1;
  }
  const auto linked = [&] { return static_cast<int>(syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0)); };
  return file_system.links_twice && linked() != 0 ? -1 : linked();
}

extern "C" int unlink(const char* path) noexcept {
  if (file_system.unlink_error != 0) {
    errno = file_system.unlink_error;
    return -1;
  }
  const auto unlinked = [&] { return static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, 0)); };
  if (file_system.unlinked_error != 0 && unlinked() == 0) {
    errno = file_system.unlinked_error;
    return -1;
  }
  return file_system.unlinks_twice && unlinked() != 0 ? -1 : unlinked();
}

extern "C" int rename(const char* from, const char* to) noexcept {
  once(file_system.before_rename);
  if (file_system.rename_error != 0) {
    errno = file_system.rename_error;
    return -1;
  }
  return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

extern "C" int lstat(const char* path, struct stat* found) noexcept {
  once(file_system.before_lstat);
  return fstatat(AT_FDCWD, path, found, AT_SYMLINK_NOFOLLOW);
}

extern "C" int fsync(int file) {
  struct stat found{};
  if (fstat(file, &found) == 0 && S_ISDIR(found.st_mode)) {
    if (file_system.sync_error != 0) {
      errno = file_system.sync_error;
      return -1;
    }
    if (file_system.synced_folders != nullptr) {
      file_system.synced_folders->push_back(found.st_ino);
    }
  }
  return static_cast<int>(syscall(SYS_fsync, file));
}

namespace takt::core {
namespace {

namespace fs = std::filesystem;

/// What calls fail with; 0: with nothing.
struct Lacks {
  int rename_new{0};
  int link{0};
};

class FileNamesTest : public testing::TestWithParam<Lacks> {
 protected:
  FileNamesTest() {
    std::string name = (fs::temp_directory_path() / "takt_file_names_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    write("a", "first");
  }
  ~FileNamesTest() override {
    file_system = {};
    fs::remove_all(folder_);
  }

  static void lack(const Lacks& lacks) {
    file_system.rename_new_error = lacks.rename_new;
    file_system.link_error = lacks.link;
  }
  void write(const char* name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  [[nodiscard]] std::string contents(const char* name) const {
    std::ifstream in(folder_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator{}));
  }

  fs::path folder_;
};

/// What the file system here does; what NFS and others answer; those that know no second name.
INSTANTIATE_TEST_SUITE_P(FileSystems, FileNamesTest,
                         testing::Values(Lacks{}, Lacks{EINVAL}, Lacks{ENOSYS}, Lacks{EOPNOTSUPP}, Lacks{EINVAL, EPERM},
                                         Lacks{EINVAL, ENOSYS}, Lacks{ENOSYS, EOPNOTSUPP}));

TEST_P(FileNamesTest, AFileGetsANameThatIsFree) {
  lack(GetParam());
  EXPECT_TRUE(rename_new(folder_ / "a", folder_ / "b"));
  EXPECT_EQ(contents("b"), "first");
  EXPECT_EQ(files(), 1U);
}

TEST_P(FileNamesTest, AFileThatHasTheNameKeepsIt) {
  lack(GetParam());
  write("b", "second");
  EXPECT_FALSE(rename_new(folder_ / "a", folder_ / "b"));
  EXPECT_EQ(contents("a"), "first");
  EXPECT_EQ(contents("b"), "second");
}

TEST_P(FileNamesTest, WhatIsNotThereOrCannotBeIsSaid) {
  lack(GetParam());
  try {
    static_cast<void>(rename_new(folder_ / "missing", folder_ / "b"));
    FAIL();
  } catch (const SystemError& error) {
    EXPECT_NE(std::string(error.what()).find("missing"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("No such file"), std::string::npos) << error.what();
  }
  EXPECT_THROW(static_cast<void>(rename_new(folder_ / "a", folder_ / "none" / "b")), SystemError);
  EXPECT_EQ(contents("a"), "first");
}

TEST_P(FileNamesTest, AReplacementThatMustBeNewKnowsBothWays) {
  lack(GetParam());
  for (const bool is_new : {true, false}) {
    FileReplacement replacement(folder_ / "b");
    std::ofstream(replacement.unfinished()) << (is_new ? "new" : "late");
    EXPECT_EQ(replacement.commit_new(), is_new);
  }
  EXPECT_EQ(contents("b"), "new");
  EXPECT_EQ(files(), 2U);
}

TEST_F(FileNamesTest, AnErrorThatIsNoLackOfTheCallIsNotWorkedAround) {
  for (const Lacks& lacks : {Lacks{EACCES}, Lacks{EINVAL, EACCES}, Lacks{EINVAL, EIO}}) {
    lack(lacks);
    EXPECT_THROW(static_cast<void>(rename_new(folder_ / "a", folder_ / "b")), SystemError);
    EXPECT_EQ(files(), 1U);
  }
}

TEST_F(FileNamesTest, ANameThatWasGivenBeforeTheAnswerCameIsGiven) {
  lack({EINVAL});
  file_system.links_twice = true;
  EXPECT_TRUE(rename_new(folder_ / "a", folder_ / "b"));
  EXPECT_EQ(contents("b"), "first");
  EXPECT_EQ(files(), 1U);
}

TEST_F(FileNamesTest, ANameThatWasTakenAwayBeforeTheAnswerCameIsAway) {
  lack({EINVAL});
  file_system.unlinks_twice = true;
  EXPECT_TRUE(rename_new(folder_ / "a", folder_ / "b"));
  EXPECT_EQ(contents("b"), "first");
  EXPECT_EQ(files(), 1U);
}

TEST_F(FileNamesTest, AFileIsNotLostWhenItsOldNameIsAwayAndTheAnswerIsAnother) {
  lack({EINVAL});
  file_system.unlinked_error = EIO;
  EXPECT_THROW(static_cast<void>(rename_new(folder_ / "a", folder_ / "b")), SystemError);
  EXPECT_EQ(contents("b"), "first");
}

TEST_F(FileNamesTest, AFolderThatKeepsTheOldNameIsNoFileSystemWithoutSecondNames) {
  lack({EINVAL});
  file_system.unlink_error = EPERM;  // as of a file of somebody else in a sticky folder
  file_system.before_rename = [] { FAIL(); };
  EXPECT_THROW(static_cast<void>(rename_new(folder_ / "a", folder_ / "b")), SystemError);
  EXPECT_EQ(contents("a"), "first");
}

TEST_P(FileNamesTest, AFileDoesNotGetTheNameThatItHas) {
  lack(GetParam());
  EXPECT_FALSE(rename_new(folder_ / "a", folder_ / "." / "a"));
  EXPECT_EQ(contents("a"), "first");
}

TEST_F(FileNamesTest, WhatAnotherPutsInThePlaceOfTheEmptyFileStaysThere) {
  lack({EINVAL, EPERM});
  file_system.before_lstat = [&] {
    write("other", "other");
    fs::rename(folder_ / "other", folder_ / "b");
  };
  EXPECT_FALSE(rename_new(folder_ / "a", folder_ / "b"));
  EXPECT_EQ(contents("a"), "first");
  EXPECT_EQ(contents("b"), "other");
}

TEST_F(FileNamesTest, WhatAnotherWritesIntoTheEmptyFileStaysThere) {
  lack({EINVAL, EPERM});
  file_system.before_lstat = [&] { write("b", "other"); };
  EXPECT_FALSE(rename_new(folder_ / "a", folder_ / "b"));
  EXPECT_EQ(contents("b"), "other");
}

TEST_F(FileNamesTest, AFailureTakesTheEmptyFileAwayAndNobodyElses) {
  lack({EINVAL, EPERM});
  file_system.rename_error = EIO;
  EXPECT_THROW(static_cast<void>(rename_new(folder_ / "a", folder_ / "b")), SystemError);
  EXPECT_EQ(files(), 1U);
  file_system.before_rename = [&] { write("b", "other"); };
  EXPECT_THROW(static_cast<void>(rename_new(folder_ / "a", folder_ / "b")), SystemError);
  EXPECT_EQ(contents("a"), "first");
  EXPECT_EQ(contents("b"), "other");
}

TEST_F(FileNamesTest, ANameIsOnTheDiskWithItsFolder) {
  struct stat folder{};
  ASSERT_EQ(stat(folder_.c_str(), &folder), 0);
  std::vector<ino_t> synced;
  file_system.synced_folders = &synced;
  sync_name(folder_ / "a");
  EXPECT_EQ(synced, std::vector<ino_t>{folder.st_ino});
  EXPECT_THROW(sync_name(folder_ / "missing" / "a"), SystemError);
  EXPECT_EQ(folder_of("a"), ".");
}

TEST_F(FileNamesTest, AFolderThatCannotBeBroughtToTheDiskFailsOnlyWhereThatIsOffered) {
  for (const int error : {EINVAL, ENOSYS, EOPNOTSUPP}) {
    file_system.sync_error = error;
    EXPECT_NO_THROW(sync_name(folder_ / "a")) << error;
    EXPECT_NO_THROW(replace_file(folder_ / "b", "x")) << error;
  }
  file_system.sync_error = EIO;
  EXPECT_THROW(sync_name(folder_ / "a"), SystemError);
  EXPECT_THROW(replace_file(folder_ / "b", "x"), SystemError);
}

/// As somebody who may not read every folder, while it lives.
class Nobody {
 public:
  Nobody() { done_ = geteuid() != 0 || seteuid(65534) == 0; }
  ~Nobody() {
    if (getuid() == 0 && seteuid(0) != 0) {
      std::abort();
    }
  }
  Nobody(const Nobody&) = delete;
  Nobody& operator=(const Nobody&) = delete;

  [[nodiscard]] bool done() const noexcept { return done_; }

 private:
  bool done_{false};
};

TEST_F(FileNamesTest, IntoAFolderThatMayNotBeReadAFileIsPutAllTheSame) {
  fs::permissions(folder_, fs::perms(0333));
  {
    const Nobody nobody;
    struct stat found{};
    if (!nobody.done() || stat((folder_ / "a").c_str(), &found) != 0) {
      GTEST_SKIP() << "the superuser here cannot be another, or only he finds " << folder_;
    }
    EXPECT_NO_THROW(sync_name(folder_ / "a"));
    EXPECT_NO_THROW(replace_file(folder_ / "b", "x"));
  }
  fs::permissions(folder_, fs::perms(0700));
  EXPECT_EQ(contents("b"), "x");
}

}  // namespace
}  // namespace takt::core
