#include "takt/transports/zmq/internal/directory.hpp"

#include <gtest/gtest.h>

namespace takt::zmq::internal {
namespace {

constexpr std::uint64_t kHere = 1;
constexpr std::uint64_t kThere = 3;
constexpr std::uint64_t kElsewhere = 5;

Announcement made(Kind kind, std::uint64_t process, std::uint64_t number) {
  Announcement announcement;
  announcement.kind = kind;
  announcement.id = make_id(process, number);
  announcement.name = "/name";
  announcement.type.name = "a/msg/A";
  return announcement;
}

std::shared_ptr<Local> local(Kind kind, std::uint64_t number) {
  return std::make_shared<Local>(made(kind, kHere, number), bus::EndpointEvents{}, 10);
}

class DirectoryTest : public testing::Test {
 protected:
  Directory directory{kHere};
  Changes changes;
};

TEST_F(DirectoryTest, TopicsMatchWhoeverComesFirst) {
  const auto early = local(Kind::kPublisher, 1);
  directory.add(early, changes);
  ASSERT_TRUE(directory.learn(made(Kind::kSubscription, kThere, 1), changes));
  const auto late = local(Kind::kPublisher, 2);
  directory.add(late, changes);
  EXPECT_EQ(early->matched.size(), 1);
  EXPECT_EQ(late->matched.size(), 1);
  EXPECT_EQ(changes.matched.size(), 2);
  EXPECT_EQ(changes.to_tell.size(), 2);
  EXPECT_TRUE(changes.graph);
}

TEST_F(DirectoryTest, WhatHasGoneIsUnmatchedAndStillCounted) {
  const auto publisher = local(Kind::kPublisher, 1);
  directory.add(publisher, changes);
  const Announcement remote = made(Kind::kSubscription, kThere, 1);
  ASSERT_TRUE(directory.learn(remote, changes));
  ASSERT_TRUE(directory.learn(remote, changes)) << "twice is once";
  directory.forget(remote.id, changes);
  directory.forget(remote.id, changes);
  EXPECT_EQ(publisher->matched.size(), 0);
  EXPECT_EQ(publisher->total_matched, 1);
  EXPECT_EQ(changes.unmatched.size(), 1);
  ASSERT_TRUE(directory.learn(remote, changes));
  EXPECT_EQ(publisher->total_matched, 2);
}

TEST_F(DirectoryTest, OwnAnnouncementsAreNobodyElses) {
  const auto publisher = local(Kind::kPublisher, 1);
  directory.add(publisher, changes);
  ASSERT_TRUE(directory.learn(made(Kind::kSubscription, kHere, 2), changes));
  EXPECT_EQ(publisher->matched.size(), 0);
}

TEST_F(DirectoryTest, OfAProcessThatIsForgottenNothingIsLeft) {
  const auto client = local(Kind::kClient, 1);
  directory.add(client, changes);
  ASSERT_TRUE(directory.learn(made(Kind::kServer, kThere, 1), changes));
  ASSERT_TRUE(directory.learn(made(Kind::kServer, kElsewhere, 1), changes));
  ASSERT_TRUE(directory.learn(made(Kind::kPublisher, kThere, 2), changes));
  EXPECT_EQ(client->matched.size(), 2);
  changes = {};
  directory.forget_process(kThere, changes);
  EXPECT_EQ(client->matched, std::vector<EndpointId>{make_id(kElsewhere, 1)});
  ASSERT_EQ(changes.unmatched.size(), 1);
  EXPECT_EQ(changes.unmatched.front().second, make_id(kThere, 1));
  EXPECT_TRUE(changes.graph);
  EXPECT_EQ(directory.graph().endpoints.size(), 2);
}

TEST_F(DirectoryTest, AMismatchIsSaidOnceAsLongAsTheOtherLives) {
  int said = 0;
  bus::EndpointEvents events;
  events.on_incompatible = [&](const std::string&) { ++said; };
  const auto client = std::make_shared<Local>(made(Kind::kClient, kHere, 1), events, 10);
  directory.add(client, changes);
  Announcement other = made(Kind::kServer, kThere, 1);
  other.type.name = "b/msg/B";
  ASSERT_TRUE(directory.learn(other, changes));
  ASSERT_TRUE(directory.learn(other, changes));
  client->gate.run();
  EXPECT_EQ(said, 1);
  EXPECT_EQ(client->matched.size(), 0);
}

TEST_F(DirectoryTest, TheGraphHasNodesAndEndpointsOfAll) {
  directory.add_node(made(Kind::kNode, kHere, 1), changes);
  directory.add(local(Kind::kPublisher, 2), changes);
  ASSERT_TRUE(directory.learn(made(Kind::kClient, kThere, 1), changes));
  const bus::Graph graph = directory.graph();
  EXPECT_EQ(graph.nodes.size(), 1);
  EXPECT_EQ(graph.endpoints.size(), 2);
  EXPECT_TRUE(directory.remove_node("/name", changes));
  EXPECT_FALSE(directory.remove_node("/name", changes));
  EXPECT_EQ(directory.graph().nodes.size(), 0);
}

TEST_F(DirectoryTest, RemembersABoundedNumberOfOthers) {
  for (std::uint64_t i = 0; i < Directory::kMaxRemote; ++i) {
    ASSERT_TRUE(directory.learn(made(Kind::kPublisher, 100 + i / Directory::kMaxOfProcess, i), changes));
  }
  EXPECT_FALSE(directory.learn(made(Kind::kPublisher, kThere, 1), changes));
  directory.forget_process(100, changes);
  EXPECT_TRUE(directory.learn(made(Kind::kPublisher, kThere, 1), changes));
}

TEST_F(DirectoryTest, OneProcessLeavesRoomForOthers) {
  for (std::uint64_t i = 0; i < Directory::kMaxOfProcess; ++i) {
    ASSERT_TRUE(directory.learn(made(Kind::kPublisher, kThere, i), changes));
  }
  EXPECT_EQ(directory.count_of(kThere), Directory::kMaxOfProcess);
  EXPECT_FALSE(directory.learn(made(Kind::kPublisher, kThere, Directory::kMaxOfProcess), changes));
  EXPECT_TRUE(directory.learn(made(Kind::kPublisher, kThere, 0), changes)) << "known already";
  EXPECT_TRUE(directory.learn(made(Kind::kPublisher, kElsewhere, 1), changes));
  directory.forget(made(Kind::kPublisher, kThere, 0).id, changes);
  EXPECT_TRUE(directory.learn(made(Kind::kPublisher, kThere, Directory::kMaxOfProcess), changes));
  directory.forget_process(kThere, changes);
  EXPECT_EQ(directory.count_of(kThere), 0);
}

}  // namespace
}  // namespace takt::zmq::internal
