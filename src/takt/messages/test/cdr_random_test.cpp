#include <random>

#include <gtest/gtest.h>

#include "takt/messages/cdr.hpp"

namespace takt::messages {
namespace {

struct Random {
  std::mt19937_64 bits{20'260};
  std::size_t size() { return bits() % 5; }
  std::string text() { return std::string(size(), static_cast<char>(bits())); }
};

struct Inner {
  bool flag{false};
  std::vector<std::int16_t> shorts;
  std::int64_t last{0};
  friend bool operator==(const Inner&, const Inner&) = default;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (flag, shorts, last))

struct Tree {
  std::uint8_t tag{0};
  std::vector<std::tuple<std::uint8_t, std::string, std::uint16_t>> leaves;
  std::map<std::string, std::optional<std::array<std::uint64_t, 2>>> named;
  std::vector<Inner> inner;
  std::vector<std::uint32_t> numbers;
  std::vector<bool> bits;
  std::uint16_t end{0};
  friend bool operator==(const Tree&, const Tree&) = default;
};
BOOST_DESCRIBE_STRUCT(Tree, (), (tag, leaves, named, inner, numbers, bits, end))

Tree random_tree(Random& random) {
  Tree tree;
  tree.tag = static_cast<std::uint8_t>(random.bits());
  tree.end = static_cast<std::uint16_t>(random.bits());
  for (std::size_t n = random.size(); n > 0; --n) {
    tree.leaves.emplace_back(random.bits(), random.text(), random.bits());
    tree.named[random.text()] = n % 2 == 0 ? std::nullopt : std::optional(std::array{random.bits(), random.bits()});
    tree.inner.push_back({.flag = n % 2 == 0, .shorts = {}, .last = static_cast<std::int64_t>(random.bits())});
    tree.inner.back().shorts.resize(random.size(), 5);
    tree.numbers.push_back(static_cast<std::uint32_t>(random.bits()));
    tree.bits.push_back(random.bits() % 2 == 0);
  }
  return tree;
}

TEST(CdrRandomTest, RandomValuesRoundTripAndNoTruncationOfThemPasses) {
  Random random;
  for (int i = 0; i < 500; ++i) {
    const Tree tree = random_tree(random);
    const auto message = to_cdr(tree);
    EXPECT_EQ(message.size(), cdr_size(tree));
    ASSERT_EQ(from_cdr<Tree>(message), tree);
    const std::size_t cut = random.bits() % message.size();
    EXPECT_FALSE(from_cdr<Tree>(std::span(message).first(cut))) << cut << " of " << message.size();
  }
}

TEST(CdrRandomTest, RandomDamageNeverPassesAsAValueThatCannotBeWritten) {
  Random random;
  for (int i = 0; i < 20'000; ++i) {
    auto message = to_cdr(random_tree(random));
    for (std::size_t n = random.size() + 1; n > 0; --n) {
      message[random.bits() % message.size()] = static_cast<std::byte>(random.bits());
    }
    const auto value = from_cdr<Tree>(message);
    if (value) {
      ASSERT_EQ(from_cdr<Tree>(to_cdr(*value)).has_value(), true);
    } else {
      ASSERT_FALSE(value.error().what.empty());
    }
  }
}

}  // namespace
}  // namespace takt::messages
