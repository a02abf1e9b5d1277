#include "takt/node/internal/publisher_gate.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>

namespace takt::node::internal {
namespace {

/// An endpoint that a test looks into.
struct Endpoint final : bus::TransportPublisher {
  explicit Endpoint(std::function<void()> called) : on_publish(std::move(called)) {}
  Expected<void, bus::SendError> publish(bus::Bytes /*bytes*/) override {
    on_publish();
    return {};
  }
  bus::Matched matched() const override { return {.current = listeners, .total = 1}; }

  std::function<void()> on_publish;
  std::size_t listeners{1};
};

class PublisherGateTest : public ::testing::Test {
 protected:
  Endpoint& add(std::function<void()> on_publish) {
    auto endpoint = std::make_unique<Endpoint>(std::move(on_publish));
    Endpoint& added = *endpoint;
    gate.add(std::move(endpoint), true);
    return added;
  }
  [[nodiscard]] PublisherGate::SendResult send() {
    return gate.send([](std::vector<std::byte>& bytes) { bytes.assign(4, std::byte{1}); });
  }

  PublisherGate gate{false};
  std::size_t published{0};
};

TEST_F(PublisherGateTest, WhoSendsComesToAnEndAlsoWhenEveryMessageMakesAnother) {
  add([&] {
    ++published;
    static_cast<void>(send());
  });
  EXPECT_TRUE(send());
  EXPECT_EQ(published, 1 + PublisherGate::kMostLeft);
  EXPECT_EQ(gate.refused(), 1U);
  EXPECT_TRUE(send());  // has a bound of its own
  EXPECT_EQ(published, 2 * (1 + PublisherGate::kMostLeft));
}

TEST_F(PublisherGateTest, WhatIsThrownForAMessageThatWasLeftIsARefusal) {
  add([&] {
    if (++published == 1) {
      EXPECT_TRUE(send());
    } else if (published == 2) {
      throw std::runtime_error("no memory");
    }
  });
  EXPECT_TRUE(send());
  EXPECT_EQ(published, 2U);
  EXPECT_EQ(gate.refused(), 1U);
  EXPECT_TRUE(send());
  EXPECT_EQ(published, 3U);
}

TEST_F(PublisherGateTest, AMessageThatCannotBeEncodedLeavesTheEndpointsFree) {
  add([&] { ++published; });
  EXPECT_THROW(
      static_cast<void>(gate.send([](std::vector<std::byte>& /*bytes*/) { throw std::runtime_error("too long"); })),
      std::runtime_error);
  EXPECT_EQ(published, 0U);
  EXPECT_TRUE(send());
  EXPECT_EQ(published, 1U);
}

TEST_F(PublisherGateTest, HearsOfAMatchThroughItsCountAlone) {
  Endpoint& endpoint = add([&] { ++published; });
  endpoint.listeners = 0;
  EXPECT_TRUE(send());
  EXPECT_TRUE(send());
  EXPECT_EQ(published, 0U);
  endpoint.listeners = 1;
  gate.matches()->fetch_add(1);  // no event was told
  EXPECT_TRUE(send());
  EXPECT_EQ(published, 1U);
}

TEST_F(PublisherGateTest, NothingIsSentOnceItIsClosed) {
  add([&] { ++published; });
  gate.close();
  EXPECT_TRUE(send());
  EXPECT_EQ(published, 0U);
  EXPECT_EQ(gate.count(), 0U);
}

}  // namespace
}  // namespace takt::node::internal
