#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

#include <boost/describe.hpp>

#include "takt/messages/packages/builtin_interfaces.hpp"
#include "takt/messages/packages/unique_identifier_msgs.hpp"
#include "takt/messages/ros_message.hpp"
#include "takt/messages/ros_name.hpp"
#include "takt/messages/ros_service.hpp"

namespace takt::messages {

/// An action: a struct with three messages in it, no message itself.
///
///   struct Fibonacci {
///     static constexpr std::string_view kRosName = "example_interfaces/action/Fibonacci";
///     struct Goal { static constexpr std::string_view kRosName = "example_interfaces/action/Fibonacci_Goal"; … };
///     struct Result { … "example_interfaces/action/Fibonacci_Result"; … };
///     struct Feedback { … "example_interfaces/action/Fibonacci_Feedback"; … };
///   };
///
/// What goes over the wire wraps them, derived here: SendGoal, GetResult, FeedbackMessage.
template <class T>
concept RosAction =
    !Described<T> && RosMessage<typename T::Goal> && RosMessage<typename T::Result> &&
    RosMessage<typename T::Feedback> && T::Goal::kRosName == kRosNameWith<T, "_Goal"> &&
    T::Result::kRosName == kRosNameWith<T, "_Result"> && T::Feedback::kRosName == kRosNameWith<T, "_Feedback">;

/// The service `<action>/_action/send_goal`.
template <RosAction A>
struct SendGoal {
  static constexpr std::string_view kRosName = kRosNameWith<A, "_SendGoal">;

  struct Request {
    static constexpr std::string_view kRosName = kRosNameWith<A, "_SendGoal_Request">;

    unique_identifier_msgs::UUID goal_id;  ///< chosen by the client
    typename A::Goal goal;

    friend bool operator==(const Request&, const Request&) = default;
    BOOST_DESCRIBE_CLASS(Request, (), (goal_id, goal), (), ())
  };
  struct Response {
    static constexpr std::string_view kRosName = kRosNameWith<A, "_SendGoal_Response">;

    bool accepted{false};
    builtin_interfaces::Time stamp;

    friend bool operator==(const Response&, const Response&) = default;
    BOOST_DESCRIBE_CLASS(Response, (), (accepted, stamp), (), ())
  };
};

/// The service `<action>/_action/get_result`.
template <RosAction A>
struct GetResult {
  static constexpr std::string_view kRosName = kRosNameWith<A, "_GetResult">;

  struct Request {
    static constexpr std::string_view kRosName = kRosNameWith<A, "_GetResult_Request">;

    unique_identifier_msgs::UUID goal_id;

    friend bool operator==(const Request&, const Request&) = default;
    BOOST_DESCRIBE_CLASS(Request, (), (goal_id), (), ())
  };
  struct Response {
    static constexpr std::string_view kRosName = kRosNameWith<A, "_GetResult_Response">;

    std::int8_t status{0};  ///< a constant of action_msgs::GoalStatus
    typename A::Result result;

    friend bool operator==(const Response&, const Response&) = default;
    BOOST_DESCRIBE_CLASS(Response, (), (status, result), (), ())
  };
};

/// The topic `<action>/_action/feedback`.
template <RosAction A>
struct FeedbackMessage {
  static constexpr std::string_view kRosName = kRosNameWith<A, "_FeedbackMessage">;

  unique_identifier_msgs::UUID goal_id;
  typename A::Feedback feedback;

  friend bool operator==(const FeedbackMessage&, const FeedbackMessage&) = default;
  BOOST_DESCRIBE_CLASS(FeedbackMessage, (), (goal_id, feedback), (), ())
};

/// An action as its type description has it. Never sent.
template <RosAction A>
struct ActionMessages {
  static constexpr std::string_view kRosName = A::kRosName;

  typename A::Goal goal;
  typename A::Result result;
  typename A::Feedback feedback;
  ServiceMessages<SendGoal<A>> send_goal_service;
  ServiceMessages<GetResult<A>> get_result_service;
  FeedbackMessage<A> feedback_message;

  BOOST_DESCRIBE_CLASS(ActionMessages, (),
                       (goal, result, feedback, send_goal_service, get_result_service, feedback_message), (), ())
};

}  // namespace takt::messages
