#include "takt/transports/dds/internal/names.hpp"

#include <gtest/gtest.h>

#include "takt/core/error.hpp"

namespace takt::dds {
namespace {

TEST(Names, TopicsAndServicesWearThePrefixesOfRos) {
  EXPECT_EQ(topic_to_dds("/a/b"), "rt/a/b");
  EXPECT_EQ(request_topic("/s"), "rq/sRequest");
  EXPECT_EQ(reply_topic("/s"), "rr/sReply");
  EXPECT_EQ(request_topic("/x/_action/send_goal"), "rq/x/_action/send_goalRequest");
}

TEST(Names, WhatATopicOfDdsIsToRos) {
  EXPECT_EQ(topic_from_dds("rt/a/b"), (RosTopic{RosTopic::Kind::kTopic, "/a/b"}));
  EXPECT_EQ(topic_from_dds("rq/sRequest"), (RosTopic{RosTopic::Kind::kRequest, "/s"}));
  EXPECT_EQ(topic_from_dds("rr/sReply"), (RosTopic{RosTopic::Kind::kReply, "/s"}));
  for (const char* other : {"ros_discovery_info", "rtx", "rt/", "rq/s", "rq/Request", "Square", ""}) {
    EXPECT_EQ(topic_from_dds(other), (RosTopic{RosTopic::Kind::kOther, other}));
  }
}

TEST(Names, TypesWearANamespaceAndAnUnderscore) {
  EXPECT_EQ(type_to_dds("std_msgs/msg/String"), "std_msgs::msg::dds_::String_");
  EXPECT_EQ(type_to_dds("std_srvs/srv/SetBool_Request"), "std_srvs::srv::dds_::SetBool_Request_");
  EXPECT_EQ(type_to_dds("takt/RobotState"), "takt::dds_::RobotState_");
  EXPECT_EQ(type_to_dds("Alone"), "dds_::Alone_");
  for (const char* type : {"std_msgs/msg/String", "takt/RobotState", "Alone"}) {
    EXPECT_EQ(type_from_dds(type_to_dds(type)), type);
  }
}

TEST(Names, ATypeOfAnotherFormComesBackAsItIs) {
  for (const char* type : {"ShapeType", "a::dds_::", "a::dds_::_", "a::dds_::B", "a::dds_::B::C_", "", "xdds_::B_"}) {
    EXPECT_EQ(type_from_dds(type), type);
  }
}

TEST(Names, TheServiceOfARequestOrReply) {
  EXPECT_EQ(service_of_type("std_srvs/srv/SetBool_Request"), "std_srvs/srv/SetBool");
  EXPECT_EQ(service_of_type("std_srvs/srv/SetBool_Response"), "std_srvs/srv/SetBool");
  EXPECT_EQ(service_of_type("_Request"), "_Request");
  EXPECT_EQ(service_of_type("other"), "other");
}

TEST(Names, NamesThatNoRosTopicCanHaveAreRefused) {
  for (const char* name : {"", "/", "a", "/a/", "//a", "/a b", "/a\n", "~/a", "/{node}"}) {
    EXPECT_THROW((void)topic_to_dds(name), LogicError) << name;
  }
  EXPECT_THROW((void)topic_to_dds("/" + std::string(300, 'a')), LogicError);
  for (const char* type : {"", "/", "a/", "/b", "a//b"}) {
    EXPECT_THROW((void)type_to_dds(type), LogicError) << type;
  }
}

}  // namespace
}  // namespace takt::dds
