#include "takt/messages/described.hpp"

#include <gtest/gtest.h>

namespace takt::messages {
namespace {

struct Named {
  int number{0};
};
BOOST_DESCRIBE_STRUCT(Named, (), (number))

struct Empty {};
BOOST_DESCRIBE_STRUCT(Empty, (), ())

struct Unknown {
  int number{0};
};

union Either {
  int number;
  float real;
};
BOOST_DESCRIBE_STRUCT(Either, (), (number, real))

TEST(DescribedTest, AreStructsWithNamedMembersAndNothingElse) {
  EXPECT_TRUE(Described<Named>);
  EXPECT_TRUE(Described<Empty>);
  EXPECT_FALSE(Described<Unknown>);
  EXPECT_FALSE(Described<Either>);
  EXPECT_FALSE(Described<int>);
}

TEST(DescribedTest, AnUnderscoreAtTheEndOfAMembersNameDoesNotTravel) {
  EXPECT_EQ(wire_name("class_"), "class");
  EXPECT_EQ(wire_name("joint_names"), "joint_names");
  EXPECT_EQ(wire_name("_"), "_");
}

}  // namespace
}  // namespace takt::messages
