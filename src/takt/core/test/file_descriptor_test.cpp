#include "takt/core/file_descriptor.hpp"

#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>

namespace takt::core {
namespace {

bool is_open(int number) {
  return fcntl(number, F_GETFD) >= 0;
}

FileDescriptor open_null() {
  return FileDescriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

TEST(FileDescriptorTest, ClosesWhatItOwns) {
  int number = -1;
  {
    const FileDescriptor owner = open_null();
    number = owner.get();
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(FileDescriptorTest, MovesItsOwnershipAndClosesWhatItHadBefore) {
  FileDescriptor first = open_null();
  FileDescriptor second = open_null();
  const int kept = first.get();
  const int closed = second.get();
  second = std::move(first);
  EXPECT_EQ(second.get(), kept);
  EXPECT_TRUE(is_open(kept));
  EXPECT_FALSE(is_open(closed));
}

TEST(FileDescriptorTest, ReleasesWithoutClosing) {
  FileDescriptor owner = open_null();
  const int number = owner.release();
  EXPECT_FALSE(owner);
  EXPECT_TRUE(is_open(number));
  close(number);
}

}  // namespace
}  // namespace takt::core
