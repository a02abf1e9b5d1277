#include "takt/realtime/mailbox.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/core/shared_memory.hpp"
#include "takt/realtime/test/mailbox_fixture.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::realtime {
namespace {

static_assert(std::is_standard_layout_v<Mailbox<Block>> && std::is_trivially_destructible_v<Mailbox<Block>>);

TEST_F(MailboxTest, MemoryOfZerosIsAnEmptyMailbox) {
  Block block{.number = 7};
  std::uint64_t seen = 0;
  EXPECT_EQ(mailbox.version(), 0U);
  EXPECT_FALSE(mailbox.try_load(block, seen));
  EXPECT_EQ(block.number, 7U);
}

TEST_F(MailboxTest, GivesEachNewestValueOnce) {
  std::uint64_t seen = 0;
  Block block;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    EXPECT_TRUE(mailbox.store(Block::of(2 * i)));
    EXPECT_TRUE(mailbox.store(Block::of(2 * i + 1)));
    ASSERT_TRUE(mailbox.try_load(block, seen));
    EXPECT_EQ(block.number, 2 * i + 1);
    EXPECT_TRUE(block.intact());
    EXPECT_EQ(seen, mailbox.version());
    EXPECT_FALSE(mailbox.try_load(block, seen));
  }
}

TEST(MailboxSharedTest, LiesInSharedMemoryAtTwoAddresses) {
  using Shared = Mailbox<Block>;
  auto memory = core::SharedMemory::create("mailbox", sizeof(Shared));
  const int descriptor = memory.read_only_descriptor();
  const auto peer = core::SharedMemory::map(descriptor, sizeof(Shared), core::SharedMemory::Access::kReadOnly);
  close(descriptor);
  ASSERT_NE(peer.data(), memory.data());
  static_cast<Shared*>(memory.data())->store(Block::of(5));
  Block block;
  std::uint64_t seen = 0;
  ASSERT_TRUE(static_cast<const Shared*>(peer.data())->try_load(block, seen));
  EXPECT_EQ(block.number, 5U);
  EXPECT_TRUE(block.intact());
}

TEST_F(MailboxTest, AReaderThatStartsAtTheVersionSkipsWhatWasThere) {
  mailbox.store(Block::of(1));
  std::uint64_t seen = mailbox.version();
  Block block;
  EXPECT_FALSE(mailbox.try_load(block, seen));
  mailbox.store(Block::of(2));
  EXPECT_TRUE(mailbox.try_load(block, seen));
}

TEST(MailboxPrefixTest, CopiesTheBeginningAndLeavesTheRest) {
  using Text = std::array<char, 7>;
  Mailbox<Text> mailbox;
  std::uint64_t seen = 0;
  for (std::size_t bytes = 0; bytes <= sizeof(Text); ++bytes) {
    mailbox.store(Text{'a', 'b', 'c', 'd', 'e', 'f', 'g'}, bytes);
    Text text{'-', '-', '-', '-', '-', '-', '-'};
    ASSERT_TRUE(mailbox.try_load(text, seen));
    for (std::size_t i = 0; i < sizeof(Text); ++i) {
      EXPECT_EQ(text[i], i < bytes ? static_cast<char>('a' + static_cast<int>(i)) : '-') << bytes << " " << i;
    }
  }
  Text text{};
  mailbox.store(Text{'z'}, 1000);
  EXPECT_TRUE(mailbox.try_load(text, seen));
  EXPECT_EQ(text, Text{'z'});
}

TEST_F(MailboxTest, AWriterStoppedAnywhereSpoilsNothingAndItsLateValueIsDropped) {
  std::uint64_t number = 1;
  for (int stop_at = 0; stop_at < kStepsOfAStore; ++stop_at) {
    for (int others = 1; others <= 20; ++others) {
      mailbox.store(Block::of(++number));
      int step = 0;
      const std::uint64_t late = ++number;
      const bool was_newest = MailboxProbe::store(mailbox, Block::of(late), [&] {
        if (step++ == stop_at) {
          expect_newest(late - 1);
          for (int i = 0; i < others; ++i) {
            EXPECT_TRUE(mailbox.store(Block::of(++number)));
            expect_newest(number);
          }
        }
      });
      EXPECT_FALSE(was_newest);
      expect_newest(number);
    }
  }
}

TEST_F(MailboxTest, AReaderStoppedAnywhereTakesAWholeValueAllTheSame) {
  std::uint64_t number = 1;
  mailbox.store(Block::of(number));
  for (int stop_at = 0; stop_at < static_cast<int>(sizeof(Block) / 4); ++stop_at) {
    for (int others = 1; others <= 20; ++others) {
      int step = 0;
      std::uint64_t seen = 0;
      Block block;
      ASSERT_TRUE(MailboxProbe::load(mailbox, block, seen, [&] {
        for (int i = 0; step == stop_at && i < others; ++i) {
          mailbox.store(Block::of(++number));
        }
        ++step;
      }));
      EXPECT_TRUE(block.intact());
      EXPECT_GE(block.number + 8, number);  // the one it had begun with, or the newest
    }
  }
}

TEST_F(MailboxTest, StoppedInsideOneAnotherTheLastToBeginWins) {
  for (int stop_at = 0; stop_at < kStepsOfAStore; stop_at += 5) {
    const auto number = static_cast<std::uint64_t>(stop_at) * 100 + 1;
    mailbox.store(Block::of(number));
    const auto nest = [&](const auto& self, std::uint64_t depth) -> void {
      int step = 0;
      MailboxProbe::store(mailbox, Block::of(number + depth), [&] {
        if (step++ == stop_at && depth < 6) {
          self(self, depth + 1);
        }
      });
    };
    nest(nest, 1);
    expect_newest(number + 6);
  }
}

TEST_F(MailboxTest, ManyWritersNeverShowATornValueNorTheirOwnPast) {
  constexpr std::size_t kWriters = 4;
  constexpr std::uint64_t kStores = 4'000;
  std::atomic<std::size_t> writing{kWriters};
  std::vector<std::jthread> writers;
  for (std::uint64_t writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (std::uint64_t i = 1; i <= kStores; ++i) {
        mailbox.store(Block::of(i * kWriters + writer));
      }
      --writing;
    });
  }
  std::array<std::uint64_t, kWriters> last{};
  std::uint64_t seen = 0;
  std::uint64_t loads = 0;
  std::uint64_t bad = 0;
  Block block;
  for (bool finishing = false; !finishing;) {
    finishing = writing == 0;
    while (mailbox.try_load(block, seen)) {
      ++loads;
      std::uint64_t& before = last[block.number % kWriters];
      bad += block.intact() && block.number > before ? 0 : 1;
      before = block.number;
    }
    std::this_thread::yield();
  }
  EXPECT_EQ(bad, 0U);
  EXPECT_GT(loads, 0U);
  EXPECT_EQ(seen, mailbox.version());  // with all writers gone, the newest value was readable
}

TEST_F(MailboxTest, AValueLongerThanItsRoomInForeignMemoryIsNotRead) {
  mailbox.store(Block::of(1));
  auto* words = static_cast<std::uint64_t*>(memory);
  for (std::size_t i = 16; i < sizeof(Shared) / sizeof(std::uint64_t); ++i) {
    words[i] |= 0xFFFFFFFFU;  // every size and word of the slots, its ticket kept
  }
  std::uint64_t seen = 0;
  Block block;
  EXPECT_FALSE(mailbox.try_load(block, seen));
  EXPECT_EQ(block.number, 0U);
}

TEST_F(MailboxTest, StoringAndLoadingAllocateNothing) {
  Block block = Block::of(3);
  std::uint64_t seen = 0;
  const testing::AllocationGuard guard;
  mailbox.store(block);
  EXPECT_TRUE(mailbox.try_load(block, seen));
  EXPECT_EQ(guard.count(), 0U);
}

}  // namespace
}  // namespace takt::realtime
