#include "takt/core/shared_memory.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/sanitizers.hpp"

namespace takt::core {
namespace {

using Access = SharedMemory::Access;

constexpr std::size_t kBytes = 10'000;

unsigned char* bytes_of(SharedMemory& memory) {
  return static_cast<unsigned char*>(memory.data());
}

/// A memfd that is closed at the end of the test, its seals as they are asked for.
struct File {
  File(std::size_t bytes, int seals) : number(memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
    EXPECT_EQ(ftruncate(number, static_cast<off_t>(bytes)), 0);
    EXPECT_EQ(fcntl(number, F_ADD_SEALS, seals), 0);
  }
  ~File() { close(number); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int number;
};

std::string refusal(int descriptor, std::size_t bytes, Access access) {
  try {
    SharedMemory::map(descriptor, bytes, access);
  } catch (const SystemError& error) {
    return error.what();
  }
  return "none";
}

TEST(SharedMemoryTest, IsZeroAndHoldsWhatIsWritten) {
  SharedMemory memory = SharedMemory::create("test", kBytes);
  EXPECT_EQ(memory.size(), kBytes);
  EXPECT_TRUE(std::all_of(bytes_of(memory), bytes_of(memory) + kBytes, [](unsigned char byte) { return byte == 0; }));
  std::memset(memory.data(), 0x5A, kBytes);
  EXPECT_EQ(bytes_of(memory)[kBytes - 1], 0x5A);
}

TEST(SharedMemoryTest, WhatOneMappingWritesAnotherReads) {
  SharedMemory memory = SharedMemory::create("test", kBytes);
  SharedMemory peer = SharedMemory::map(memory.descriptor(), kBytes, Access::kReadWrite);
  EXPECT_NE(peer.data(), memory.data());
  bytes_of(peer)[17] = 42;
  EXPECT_EQ(bytes_of(memory)[17], 42);
}

TEST(SharedMemoryTest, ReachesAChildProcess) {
  SharedMemory memory = SharedMemory::create("test", kBytes);
  const pid_t child = fork();
  if (child == 0) {
    bytes_of(memory)[5] = 99;
    _exit(0);
  }
  ASSERT_GT(child, 0);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(bytes_of(memory)[5], 99);
}

TEST(SharedMemoryTest, CannotChangeItsSizeNorBeUnsealed) {
  const SharedMemory memory = SharedMemory::create("test", kBytes);
  EXPECT_EQ(ftruncate(memory.descriptor(), 1), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(ftruncate(memory.descriptor(), 2 * static_cast<off_t>(kBytes)), -1);
  EXPECT_EQ(fcntl(memory.descriptor(), F_ADD_SEALS, F_SEAL_WRITE), -1);
}

TEST(SharedMemoryTest, ItsDescriptorsAreClosedOnExec) {
  const SharedMemory memory = SharedMemory::create("test", kBytes);
  const int reader = memory.read_only_descriptor();
  EXPECT_NE(fcntl(memory.descriptor(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(fcntl(reader, F_GETFD) & FD_CLOEXEC, 0);
  close(reader);
}

TEST(SharedMemoryTest, AMappingOutlivesTheDescriptorAndTheCreator) {
  auto memory = std::make_unique<SharedMemory>(SharedMemory::create("test", kBytes));
  bytes_of(*memory)[0] = 7;
  const int reader = memory->read_only_descriptor();
  SharedMemory peer = SharedMemory::map(reader, kBytes, Access::kReadOnly);
  close(reader);
  memory.reset();
  EXPECT_EQ(bytes_of(peer)[0], 7);
  EXPECT_EQ(peer.descriptor(), -1);
  EXPECT_THROW(static_cast<void>(peer.read_only_descriptor()), LogicError);
}

TEST(SharedMemoryTest, AReadersDescriptorCannotBeMappedToWrite) {
  const SharedMemory memory = SharedMemory::create("test", kBytes);
  const int reader = memory.read_only_descriptor();
  EXPECT_EQ(fcntl(reader, F_GETFL) & O_ACCMODE, O_RDONLY);
  EXPECT_NE(refusal(reader, kBytes, Access::kReadWrite).find("to read and write"), std::string::npos);
  const char byte = 1;
  EXPECT_EQ(write(reader, &byte, 1), -1);
  SharedMemory mapping = SharedMemory::map(reader, kBytes, Access::kReadOnly);
  EXPECT_EQ(mprotect(mapping.data(), kBytes, PROT_READ | PROT_WRITE), -1);
  EXPECT_EQ(errno, EACCES);
  const std::string again = "/proc/self/fd/" + std::to_string(reader);
  const int writer = open(again.c_str(), O_RDWR | O_CLOEXEC);
  EXPECT_EQ(writer >= 0, geteuid() == 0) << "the file's mode binds all but root";
  if (writer >= 0) {
    close(writer);
  }
  close(reader);
}

TEST(SharedMemoryTest, RefusesAnotherSizeNamingBoth) {
  const SharedMemory memory = SharedMemory::create("test", kBytes);
  for (const std::size_t wrong : {kBytes - 1, kBytes + 1}) {
    const std::string text = refusal(memory.descriptor(), wrong, Access::kReadOnly);
    EXPECT_NE(text.find("10000"), std::string::npos) << text;
    EXPECT_NE(text.find(std::to_string(wrong)), std::string::npos) << text;
  }
}

TEST(SharedMemoryTest, RefusesWhatCouldBeCutOff) {
  for (const int seals : {0, F_SEAL_GROW, F_SEAL_SHRINK}) {
    const File file(kBytes, seals);
    EXPECT_NE(refusal(file.number, kBytes, Access::kReadWrite).find("seals " + std::to_string(seals)),
              std::string::npos);
  }
  const File sealed(kBytes, F_SEAL_GROW | F_SEAL_SHRINK);
  EXPECT_EQ(refusal(sealed.number, kBytes, Access::kReadWrite), "none");
}

TEST(SharedMemoryTest, RefusesWhatIsNoSharedMemory) {
  EXPECT_NE(refusal(-1, kBytes, Access::kReadOnly).find("descriptor -1"), std::string::npos);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  EXPECT_NE(refusal(null, kBytes, Access::kReadWrite).find("no shared memory"), std::string::npos);
  close(null);
  EXPECT_THROW(SharedMemory::create("test", 0), LogicError);
  EXPECT_THROW(SharedMemory::map(0, 0, Access::kReadOnly), LogicError);
  EXPECT_THROW(SharedMemory::create(std::string(300, 'x'), 1), SystemError);
}

TEST(SharedMemoryTest, RefusalsAndLivesLeaveNoDescriptorBehind) {
  const auto open_now = [] {
    const std::filesystem::directory_iterator descriptors("/proc/self/fd");
    return std::distance(begin(descriptors), end(descriptors));
  };
  const auto before = open_now();
  for (int i = 0; i < 10; ++i) {
    SharedMemory memory = SharedMemory::create("test", kBytes);
    EXPECT_NE(refusal(memory.descriptor(), 1, Access::kReadOnly), "none");
    EXPECT_THROW(SharedMemory::create("test", std::size_t{1} << 62), SystemError);
    SharedMemory moved(std::move(memory));
    SharedMemory other = SharedMemory::create("other", kBytes);
    other = std::move(moved);
    EXPECT_EQ(other.size(), kBytes);
    bytes_of(other)[0] = 1;
  }
  EXPECT_EQ(open_now(), before);
}

#if !TAKT_SANITIZED  // a sanitizer's shadow has faults of its own
TEST(SharedMemoryTest, ItsPagesAreThereBeforeTheFirstAccess) {
  constexpr std::size_t kPages = 256;
  SharedMemory memory = SharedMemory::create("test", kPages * 4096);
  rusage before{};
  rusage after{};
  getrusage(RUSAGE_THREAD, &before);
  for (std::size_t page = 0; page < kPages; ++page) {
    bytes_of(memory)[page * 4096] = 1;
  }
  getrusage(RUSAGE_THREAD, &after);
  EXPECT_LT(after.ru_minflt - before.ru_minflt, 10);
}

TEST(SharedMemoryTest, SaysWhetherItIsLocked) {
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  EXPECT_FALSE(SharedMemory::create("test", kBytes).locked());
  const SharedMemory memory = SharedMemory::create("test", kBytes, SharedMemory::Locking::kLocked);
  if (limit.rlim_cur >= 8 * kBytes || geteuid() == 0) {
    EXPECT_TRUE(memory.locked());
  }
}
#endif

}  // namespace
}  // namespace takt::core
