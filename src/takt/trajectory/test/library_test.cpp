#include "takt/trajectory/library.hpp"

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/file_replace.hpp"
#include "takt/testing/own_folder.hpp"
#include "takt/trajectory/test/motions.hpp"

namespace takt::trajectory {
namespace {

namespace fs = std::filesystem;

/// Numbers in text: name, joints, then frames; ends with "end".
class TextCodec final : public TrajectoryCodec {
 public:
  [[nodiscard]] std::string extension() const override { return ".txt"; }

  void write(const Trajectory& trajectory, const fs::path& file) const override {
    std::ofstream out(file);
    out << trajectory.joints() << '\n';
    for (std::size_t i = 0; i < trajectory.size(); ++i) {
      out << trajectory.time_ns(i);
      for (const double q : trajectory.q_rad(i)) {
        out << ' ' << q;
      }
      out << '\n';
    }
    out << "end\n";
    if (!out.flush()) {
      throw SystemError("cannot write " + file.string());
    }
    written += 1;
  }

  [[nodiscard]] Trajectory read(const fs::path& file) const override {
    std::ifstream in(file);
    std::size_t joints = 0;
    if (!(in >> joints) || joints == 0 || joints > 9) {
      throw ConfigError(file.string() + ": is not a trajectory");
    }
    read_count += 1;
    Trajectory trajectory(info_of(joints, "what the file calls it"));
    std::string word;
    while (in >> word && word != "end") {
      Frame frame{.t_ns = std::stoll(word), .q_rad = core::JointVector::zero(joints)};
      for (double& q : frame.q_rad) {
        in >> q;
      }
      trajectory.append(frame);
    }
    if (word != "end") {
      throw ConfigError(file.string() + ": is broken off");
    }
    return trajectory;
  }

  mutable std::atomic<int> written{0};
  mutable std::atomic<int> read_count{0};
};

class LibraryTest : public ::testing::Test {
 protected:
  static Trajectory motion(std::string name, int frames = 3) {
    return sampled([](double t) { return t; }, 0.1 * (frames - 1), 0.1, 2, std::move(name));
  }

  template <class F>
  static std::string refusal(F&& f) {
    try {
      f();
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "accepted";
  }

  [[nodiscard]] std::vector<std::string> names(const Library& library) const {
    std::vector<std::string> found;
    for (const LibraryEntry& entry : library.list()) {
      found.push_back(entry.name);
    }
    return found;
  }

  const testing::OwnFolder own{};
  const fs::path& folder{own.path()};
  TextCodec codec;
};

using Names = std::vector<std::string>;

TEST_F(LibraryTest, KeepsTrajectoriesUnderTheirNames) {
  const Library library(folder / "new" / "one", codec);
  EXPECT_TRUE(library.list().empty());
  library.save(motion("pick"));
  library.save(motion("place it, über", 5));
  EXPECT_TRUE(library.has("pick"));
  EXPECT_FALSE(library.has("other"));
  const Trajectory loaded = library.load("place it, über");
  EXPECT_EQ(loaded.size(), 5U);
  EXPECT_EQ(loaded.info().name, "place it, über") << "an entry's name is its file's";
  const std::vector<LibraryEntry> entries = library.list();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].name, "pick");
  EXPECT_EQ(entries[0].frames, 3U);
  EXPECT_EQ(entries[0].joint_names, (Names{"j1", "j2"}));
  EXPECT_NEAR(entries[1].duration_s, 0.4, 1e-9);
  EXPECT_EQ(entries[1].error, "");
  library.rename("pick", "grasp");
  library.remove("place it, über");
  EXPECT_EQ(names(library), (Names{"grasp"}));
}

TEST_F(LibraryTest, AnIndexSavesReadingEveryFileAndIsNeverWrong) {
  const Library library(folder, codec);
  library.save(motion("a"));
  library.save(motion("b"));
  EXPECT_EQ(library.list().size(), 2U);
  EXPECT_EQ(codec.read_count, 2);
  EXPECT_EQ(Library(folder, codec).list(), library.list());
  EXPECT_EQ(codec.read_count, 2) << "from the index";
  library.save(motion("a", 7), true);
  EXPECT_EQ(library.list()[0].frames, 7U);
  EXPECT_EQ(codec.read_count, 3) << "only what is new";
  for (const char* nonsense : {"", "{", "[]", "{\"entries\":[{\"name\":\"a\",\"frames\":99}]}"}) {
    core::replace_file(folder / "index.json", std::string_view(nonsense));
    EXPECT_EQ(library.list()[0].frames, 7U) << nonsense;
  }
  fs::remove(folder / "index.json");
  EXPECT_EQ(library.list().size(), 2U);
  EXPECT_TRUE(fs::exists(folder / "index.json"));
}

TEST_F(LibraryTest, ATakenNameIsKeptUnlessItShallBeReplaced) {
  const Library library(folder, codec);
  library.save(motion("a"));
  const std::string why = refusal([&] { library.save(motion("a", 9)); });
  EXPECT_NE(why.find("there is a trajectory 'a' already"), std::string::npos) << why;
  EXPECT_NE(why.find(library.file_of("a").string()), std::string::npos) << why;
  EXPECT_EQ(library.load("a").size(), 3U);
  library.save(motion("a", 9), true);
  EXPECT_EQ(library.load("a").size(), 9U);
  library.save(motion("b"));
  EXPECT_NE(refusal([&] { library.rename("a", "b"); }).find("already"), std::string::npos);
  EXPECT_EQ(library.load("b").size(), 3U);
}

TEST_F(LibraryTest, NamesThatAreNoFileNamesAreRefused) {
  const Library library(folder, codec);
  for (const std::string& name :
       {std::string(""), std::string("../up"), std::string(".."), std::string("."), std::string("a/b"),
        std::string("/etc"), std::string("a\\b"), std::string("a\nb"), std::string("a\0b", 3), std::string(".hidden"),
        std::string("-rf"), std::string(" a"), std::string("a "), std::string("\xff\xfe"), std::string(101, 'x'),
        std::string("a\x7f")}) {
    const std::string why = refusal([&] { library.save(motion(name)); });
    EXPECT_NE(why.find("cannot be a trajectory's name"), std::string::npos) << why;
    EXPECT_EQ(why.find('\n'), std::string::npos) << why;
    EXPECT_NE(refusal([&] { static_cast<void>(library.load(name)); }), "accepted");
    EXPECT_NE(refusal([&] { static_cast<void>(library.has(name)); }), "accepted");
  }
  EXPECT_EQ(codec.written, 0);
  EXPECT_FALSE(fs::exists(folder.parent_path() / "up.txt"));
  EXPECT_EQ(refusal([&] { library.save(motion(std::string(100, 'x'))); }), "accepted");
}

TEST_F(LibraryTest, WhatIsNotThereOrNotReadableIsSaidWithEntryAndFile) {
  const Library library(folder, codec);
  for (const auto& use : {std::function<void()>([&] { static_cast<void>(library.load("a")); }),
                          std::function<void()>([&] { library.remove("a"); }),
                          std::function<void()>([&] { library.rename("a", "b"); })}) {
    const std::string why = refusal(use);
    EXPECT_NE(why.find("there is no trajectory 'a'"), std::string::npos) << why;
    EXPECT_NE(why.find("a.txt"), std::string::npos) << why;
  }
  core::replace_file(folder / "bad.txt", std::string_view("2\n0 0 0\n"));
  const std::string why = refusal([&] { static_cast<void>(library.load("bad")); });
  EXPECT_NE(why.find("trajectory 'bad'"), std::string::npos) << why;
  EXPECT_NE(why.find("bad.txt: is broken off"), std::string::npos) << why;
  ASSERT_EQ(library.list().size(), 1U);
  EXPECT_NE(library.list()[0].error.find("is broken off"), std::string::npos);
  fs::create_directory(folder / "folder.txt");
  core::replace_file(folder / "note.md", std::string_view("hello"));
  EXPECT_EQ(library.list().size(), 1U) << "others are no entries";
}

TEST_F(LibraryTest, AFolderThatCannotBeIsRefused) {
  core::replace_file(folder / "file", std::string_view("x"));
  EXPECT_THROW(Library(folder / "file", codec), SystemError);
  EXPECT_THROW(Library(folder / "file" / "below", codec), SystemError);
}

TEST_F(LibraryTest, WhatAWriterLeftThatDiedIsNoEntryAndIsClearedAway) {
  const Library library(folder, codec);
  const pid_t child = fork();
  if (child == 0) {
    class DyingCodec final : public TrajectoryCodec {
     public:
      [[nodiscard]] std::string extension() const override { return ".txt"; }
      void write(const Trajectory&, const fs::path&) const override { _exit(0); }  // in the middle of it
      [[nodiscard]] Trajectory read(const fs::path&) const override { throw ConfigError("no"); }
    };
    Library(folder, DyingCodec()).save(motion("a"));
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  const auto left = [&] {
    return std::ranges::count_if(fs::directory_iterator(folder),
                                 [](const auto& entry) { return core::is_unfinished(entry.path()); });
  };
  EXPECT_EQ(left(), 1);
  EXPECT_TRUE(library.list().empty());
  library.save(motion("b"));
  EXPECT_EQ(left(), 0);
  EXPECT_EQ(names(library), (Names{"b"}));
}

TEST_F(LibraryTest, AnEmptyFileIsNoEntryAndHoldsNoName) {
  const Library library(folder, codec);
  library.save(motion("b"));
  const auto put_empty = [&](const char* name) { std::ofstream(library.file_of(name)).flush(); };
  put_empty("a");
  EXPECT_EQ(names(library), (Names{"b"}));
  EXPECT_FALSE(library.has("a"));
  EXPECT_NE(refusal([&] { static_cast<void>(library.load("a")); }).find("there is no trajectory 'a'"),
            std::string::npos);
  library.save(motion("a", 5));
  EXPECT_EQ(library.load("a").size(), 5U);
  put_empty("c");
  library.rename("a", "c");
  EXPECT_EQ(names(library), (Names{"b", "c"}));
  EXPECT_EQ(library.load("c").size(), 5U);
}

TEST_F(LibraryTest, ARenameOfNothingLeavesAnEmptyFileWhereItIs) {
  const Library library(folder, codec);
  library.save(motion("b"));
  std::ofstream(library.file_of("a")).flush();
  EXPECT_NE(refusal([&] { library.rename("none", "a"); }), "accepted");
  EXPECT_TRUE(fs::exists(library.file_of("a")));
}

TEST_F(LibraryTest, WhatOthersAreWritingIntoTheFolderIsLeftToThem) {
  const Library library(folder, codec);
  core::FileReplacement repaired(folder /
                                 "rest.txt");  // as `takt traj repair X LIBRARY/rest.mcap` does, without a lock
  codec.write(motion("rest"), repaired.unfinished());
  library.save(motion("b"));
  ASSERT_TRUE(repaired.commit_new());
  EXPECT_EQ(names(library), (Names{"b", "rest"}));
}

TEST_F(LibraryTest, AFailedWriteLeavesTheEntryAsItWas) {
  class FailingCodec final : public TrajectoryCodec {
   public:
    [[nodiscard]] std::string extension() const override { return ".txt"; }
    void write(const Trajectory&, const fs::path& file) const override {
      throw SystemError("no space for " + file.string());
    }
    [[nodiscard]] Trajectory read(const fs::path&) const override { throw ConfigError("no"); }
  };
  Library(folder, codec).save(motion("a"));
  const FailingCodec failing;
  EXPECT_THROW(Library(folder, failing).save(motion("a", 9), true), SystemError);
  EXPECT_EQ(Library(folder, codec).load("a").size(), 3U);
  EXPECT_EQ(names(Library(folder, codec)), (Names{"a"}));
}

TEST_F(LibraryTest, TwoProcessesAtOnceSeeOnlyWholeEntries) {
  constexpr int kRounds = 20;
  const Library library(folder, codec);
  library.save(motion("shared", 2));
  const pid_t child = fork();
  if (child == 0) {
    const TextCodec own;
    const Library other(folder, own);
    for (int i = 0; i < kRounds; ++i) {
      other.save(motion("shared", 2 + i % 50), true);
      other.save(motion("child " + std::to_string(i)));
      static_cast<void>(other.list());
    }
    _exit(0);
  }
  for (int i = 0; i < kRounds; ++i) {
    library.save(motion("shared", 2 + i % 50), true);
    library.save(motion("parent " + std::to_string(i)));
    EXPECT_GE(library.load("shared").size(), 2U);
    for (const LibraryEntry& entry : library.list()) {
      EXPECT_EQ(entry.error, "") << entry.name;
    }
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(library.list().size(), 1U + 2U * kRounds);
}

TEST_F(LibraryTest, OfManyWhoSaveANewNameOneWins) {
  const Library library(folder, codec);
  std::atomic<int> won{0};
  {
    std::vector<std::jthread> threads;
    for (int k = 0; k < 4; ++k) {
      threads.emplace_back([&, k] { won += refusal([&] { library.save(motion("a", 2 + k)); }) == "accepted" ? 1 : 0; });
    }
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(library.list().size(), 1U);
}

}  // namespace
}  // namespace takt::trajectory
