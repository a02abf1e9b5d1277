#include "takt/bus/bus.hpp"

#include <string>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"

namespace takt::bus {
namespace {

TEST(BusTest, GivesTheSameTopicForTheSameName) {
  Bus bus;
  EXPECT_EQ(&bus.topic<int>("/a"), &bus.topic<int>("/a"));
  EXPECT_NE(static_cast<void*>(&bus.topic<int>("/a")), static_cast<void*>(&bus.topic<int>("/b")));
}

TEST(BusTest, RefusesASecondTypeNamingBoth) {
  Bus bus;
  static_cast<void>(bus.topic<int>("/a"));
  try {
    static_cast<void>(bus.topic<std::string>("/a"));
    FAIL() << "was accepted";
  } catch (const LogicError& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("carries int"), std::string::npos) << what;
    EXPECT_NE(what.find("string"), std::string::npos) << what;
  }
}

TEST(BusTest, ListsItsTopicsWithTypeAndSubscribers) {
  Bus bus;
  const auto subscription = bus.topic<int>("/b").subscribe("reader", [](const int&) {});
  static_cast<void>(bus.topic<double>("/a"));
  const auto topics = bus.topics();
  ASSERT_EQ(topics.size(), 2U);
  EXPECT_EQ(topics[0].name, "/a");
  EXPECT_EQ(topics[1].type_name, "int");
  EXPECT_EQ(topics[1].subscribers, 1U);
}

TEST(BusTest, HasOneObjectOfATypeForAllWhoShareIt) {
  Bus bus;
  Bus other;
  bus.shared<int>() = 5;
  EXPECT_EQ(bus.shared<int>(), 5);
  EXPECT_EQ(bus.shared<std::string>(), "");
  EXPECT_EQ(other.shared<int>(), 0);
}

class TopicNameTest : public ::testing::TestWithParam<std::pair<const char*, bool>> {};

TEST_P(TopicNameTest, IsLegalAsInRos) {
  const auto& [name, legal] = GetParam();
  EXPECT_EQ(is_legal_topic_name(name), legal) << name;
  Bus bus;
  if (!legal) {
    EXPECT_THROW(static_cast<void>(bus.topic<int>(name)), LogicError);
  }
}

INSTANTIATE_TEST_SUITE_P(Names, TopicNameTest,
                         ::testing::Values(std::pair{"/leader/state", true}, std::pair{"/a_1/_b", true},
                                           std::pair{"", false}, std::pair{"/", false}, std::pair{"leader", false},
                                           std::pair{"/a/", false}, std::pair{"/a//b", false}, std::pair{"/1a", false},
                                           std::pair{"/a.b", false}, std::pair{"/a b", false},
                                           std::pair{"/\xc3\xa4", false}));

}  // namespace
}  // namespace takt::bus
