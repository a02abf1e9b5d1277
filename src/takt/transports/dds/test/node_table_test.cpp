#include "takt/transports/dds/internal/node_table.hpp"

#include <atomic>

#include <gtest/gtest.h>

#include "takt/transports/dds/test/dds_test.hpp"

namespace takt::dds {
namespace {

/// Refuses so often, and then takes.
struct Wire {
  std::atomic<int> refusals{0};
  std::atomic<int> told{0};
  std::mutex mutex;
  std::vector<std::string> nodes;  // as told last

  NodeTable::Write write(bus::SendError refusal) {
    return [this, refusal](bus::Bytes bytes) -> Expected<void, bus::SendError> {
      if (refusals > 0) {
        --refusals;
        return Unexpected(refusal);
      }
      const auto info = messages::from_cdr<ParticipantEntitiesInfo>(bytes);
      const std::lock_guard lock(mutex);
      nodes.clear();
      for (const NodeEntitiesInfo& node : info ? info->node_entities_info_seq : std::vector<NodeEntitiesInfo>{}) {
        nodes.push_back(full_name(node));
      }
      ++told;
      return {};
    };
  }
};

TEST(NodeTable, WhatThereWasNoRoomForIsToldAgainAsItIsThen) {
  Wire wire;
  wire.refusals = 4;
  WorkThread thread("test");
  const auto table = std::make_shared<NodeTable>(Guid{}, thread, wire.write(bus::SendError::kWouldBlock));
  table->add("/ns/a");
  table->add("/b");
  EXPECT_TRUE(test::eventually([&] { return wire.told == 1; }));
  const std::lock_guard lock(wire.mutex);
  EXPECT_EQ(wire.nodes, (std::vector<std::string>{"/ns/a", "/b"}));
  EXPECT_EQ(wire.refusals, 0);
}

TEST(NodeTable, WhatCannotBeToldIsNotTriedAgain) {
  Wire wire;
  wire.refusals = 1;
  WorkThread thread("test");
  const auto table = std::make_shared<NodeTable>(Guid{}, thread, wire.write(bus::SendError::kTooLarge));
  table->add("/a");
  EXPECT_EQ(wire.refusals, 0);
  std::atomic<bool> later{false};
  thread.post_after(std::chrono::milliseconds(200), [&] { later = true; });
  EXPECT_TRUE(test::eventually([&] { return later.load(); }));
  EXPECT_EQ(wire.told, 0);
}

TEST(NodeTable, MayGoBeforeItIsToldAgain) {
  Wire wire;
  wire.refusals = 1;
  WorkThread thread("test");
  std::make_shared<NodeTable>(Guid{}, thread, wire.write(bus::SendError::kWouldBlock))->add("/a");
  std::atomic<bool> later{false};
  thread.post_after(std::chrono::milliseconds(200), [&] { later = true; });
  EXPECT_TRUE(test::eventually([&] { return later.load(); }));
  EXPECT_EQ(wire.told, 0);
}

}  // namespace
}  // namespace takt::dds
