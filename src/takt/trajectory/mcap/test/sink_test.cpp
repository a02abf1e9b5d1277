#include "takt/trajectory/mcap/sink.hpp"

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "takt/core/error.hpp"

#include "files.hpp"

namespace takt::trajectory::mcap {
namespace {

using test::Bytes;
using test::bytes_of;
using test::Folder;

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(Sink& sink, const std::vector<std::string>& texts) {
  std::vector<std::span<const std::byte>> parts;
  for (const std::string& text : texts) {
    parts.push_back(std::as_bytes(std::span(text)));
  }
  sink.write(parts);
}

/// No file of this process may be greater, while it lives: a disk that is full.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*signal_)(int);
};

TEST(FileSinkTest, WritesPartsOneAfterTheOther) {
  const Folder folder;
  FileSink sink(folder / "a");
  write(sink, {"one, ", "", "two, "});
  EXPECT_EQ(contents(folder / "a"), "one, two, ");
  write(sink, {});
  write(sink, {"three"});
  sink.sync();
  EXPECT_EQ(contents(folder / "a"), "one, two, three");
}

TEST(FileSinkTest, WritesMorePartsThanTheKernelTakesAtOnce) {
  const Folder folder;
  FileSink sink(folder / "a");
  std::vector<std::string> texts;
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    texts.push_back(std::to_string(i) + ",");
    expected += texts.back();
  }
  write(sink, texts);
  EXPECT_EQ(contents(folder / "a"), expected);
}

TEST(FileSinkTest, RefusesOrReplacesWhatIsThere) {
  const Folder folder;
  {
    FileSink(folder / "a").write(std::vector<std::span<const std::byte>>{bytes_of("old")});
  }
  EXPECT_THROW(FileSink(folder / "a"), SystemError);
  EXPECT_EQ(contents(folder / "a"), "old");
  const FileSink replacing(folder / "a", FileSink::Existing::kReplace);
  EXPECT_EQ(contents(folder / "a"), "");
}

TEST(FileSinkTest, SaysWhichFileItCannotMake) {
  const Folder folder;
  try {
    const FileSink sink(folder / "missing/a");
    FAIL();
  } catch (const SystemError& error) {
    EXPECT_NE(std::string(error.what()).find("missing/a"), std::string::npos) << error.what();
  }
}

TEST(FileSinkTest, AfterAWriteThatFailsHalfwayTheFileEndsWhereItDid) {
  const Folder folder;
  FileSink sink(folder / "a");
  write(sink, {"whole"});
  {
    const SizeLimit limit(5 + 1000);
    EXPECT_THROW(write(sink, {std::string(900, 'x'), std::string(900, 'y')}), SystemError);
  }
  EXPECT_EQ(contents(folder / "a"), "whole");
  write(sink, {", again"});
  EXPECT_EQ(contents(folder / "a"), "whole, again");
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
