#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>
#include <sys/mman.h>

#include "takt/realtime/mailbox.hpp"

namespace takt::realtime {

/// A store or a load that does something else, or dies, between two of its steps.
struct MailboxProbe {
  template <class T, class Between>
  static bool load(const Mailbox<T>& mailbox, T& value, std::uint64_t& seen, Between between) {
    return mailbox.load_newest(value, seen, between);
  }
  template <class T, class Between>
  static bool store(Mailbox<T>& mailbox, const T& value, Between between) {
    return mailbox.write(value, sizeof(T), between);
  }
};

/// 64 words that all follow from the first: a mixture of two stores shows.
struct Block {
  std::uint64_t number{0};
  std::array<std::uint64_t, 63> words{};

  static Block of(std::uint64_t number) {
    Block block{.number = number};
    for (std::size_t i = 0; i < block.words.size(); ++i) {
      block.words[i] = number * 0x9E3779B97F4A7C15ULL + i;
    }
    return block;
  }
  [[nodiscard]] bool intact() const { return words == of(number).words; }
};

inline constexpr int kStepsOfAStore = static_cast<int>(sizeof(Block) / 4) + 3;  // draw, own, each word, publish

/// A mailbox in memory of zeros that child processes share.
class MailboxTest : public ::testing::Test {
 protected:
  using Shared = Mailbox<Block>;

  MailboxTest()
      : memory(mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)),
        mailbox(*static_cast<Shared*>(memory)) {}
  ~MailboxTest() override { munmap(memory, sizeof(Shared)); }

  void expect_newest(std::uint64_t number) {
    std::uint64_t seen = 0;
    Block block;
    ASSERT_TRUE(mailbox.try_load(block, seen));
    EXPECT_EQ(block.number, number);
    EXPECT_TRUE(block.intact());
  }

  void* memory;
  Shared& mailbox;
};

}  // namespace takt::realtime
