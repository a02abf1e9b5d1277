#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "takt/messages/packages/builtin_interfaces.hpp"
#include "takt/messages/packages/unique_identifier_msgs.hpp"

/// What all actions have in common: goals, their states, and how they are cancelled. Of the package action_msgs of
/// ROS 2.
namespace takt::action_msgs {

struct GoalInfo {
  static constexpr std::string_view kRosName = "action_msgs/msg/GoalInfo";

  unique_identifier_msgs::UUID goal_id;
  builtin_interfaces::Time stamp;

  friend bool operator==(const GoalInfo&, const GoalInfo&) = default;
};
BOOST_DESCRIBE_STRUCT(GoalInfo, (), (goal_id, stamp))

struct GoalStatus {
  static constexpr std::string_view kRosName = "action_msgs/msg/GoalStatus";
  static constexpr std::int8_t STATUS_UNKNOWN = 0;
  static constexpr std::int8_t STATUS_ACCEPTED = 1;
  static constexpr std::int8_t STATUS_EXECUTING = 2;
  static constexpr std::int8_t STATUS_CANCELING = 3;
  static constexpr std::int8_t STATUS_SUCCEEDED = 4;
  static constexpr std::int8_t STATUS_CANCELED = 5;
  static constexpr std::int8_t STATUS_ABORTED = 6;

  GoalInfo goal_info;
  std::int8_t status{0};

  friend bool operator==(const GoalStatus&, const GoalStatus&) = default;
};
BOOST_DESCRIBE_STRUCT(GoalStatus, (),
                      (STATUS_UNKNOWN, STATUS_ACCEPTED, STATUS_EXECUTING, STATUS_CANCELING, STATUS_SUCCEEDED,
                       STATUS_CANCELED, STATUS_ABORTED, goal_info, status))

struct GoalStatusArray {
  static constexpr std::string_view kRosName = "action_msgs/msg/GoalStatusArray";

  std::vector<GoalStatus> status_list;

  friend bool operator==(const GoalStatusArray&, const GoalStatusArray&) = default;
};
BOOST_DESCRIBE_STRUCT(GoalStatusArray, (), (status_list))

struct CancelGoal {
  static constexpr std::string_view kRosName = "action_msgs/srv/CancelGoal";

  struct Request {
    static constexpr std::string_view kRosName = "action_msgs/srv/CancelGoal_Request";

    GoalInfo goal_info;

    friend bool operator==(const Request&, const Request&) = default;
  };

  struct Response {
    static constexpr std::string_view kRosName = "action_msgs/srv/CancelGoal_Response";
    static constexpr std::int8_t ERROR_NONE = 0;
    static constexpr std::int8_t ERROR_REJECTED = 1;
    static constexpr std::int8_t ERROR_UNKNOWN_GOAL_ID = 2;
    static constexpr std::int8_t ERROR_GOAL_TERMINATED = 3;

    std::int8_t return_code{0};
    std::vector<GoalInfo> goals_canceling;

    friend bool operator==(const Response&, const Response&) = default;
  };
};
BOOST_DESCRIBE_STRUCT(CancelGoal::Request, (), (goal_info))
BOOST_DESCRIBE_STRUCT(CancelGoal::Response, (),
                      (ERROR_NONE, ERROR_REJECTED, ERROR_UNKNOWN_GOAL_ID, ERROR_GOAL_TERMINATED, return_code,
                       goals_canceling))

}  // namespace takt::action_msgs
