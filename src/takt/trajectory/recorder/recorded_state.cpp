#include "takt/trajectory/recorder/recorded_state.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "takt/messages/enum_name.hpp"
#include "takt/messages/type_description.hpp"

namespace takt::trajectory::recorder {

RecordedState to_recorded(const messages::RobotState& state, core::Nanoseconds recorded_ns,
                          std::uint32_t episode) noexcept {
  RecordedState recorded{.recorded_ns = recorded_ns,
                         .stamp_ns = state.stamp_ns,
                         .sequence = state.sequence,
                         .trace_id = state.trace_id,
                         .episode = episode,
                         .lease_epoch = state.lease_epoch,
                         .robot_type = state.robot_type,
                         .units = state.units,
                         .mark = state.mark,
                         .source_t_s = state.source_t_s,
                         .joint_positions = state.joint_positions,
                         .joint_velocities = state.joint_velocities,
                         .joint_efforts = state.joint_efforts,
                         .gripper_position = state.gripper_position};
  if (state.end_effector_pose) {
    for (const double number : *state.end_effector_pose) {
      recorded.end_effector_pose.push_back(number);
    }
  }
  for (const messages::Hop& hop : state.hops) {
    recorded.hops.push_back({.stamp_ns = hop.stamp_ns, .thread = hop.thread, .point = hop.point});
  }
  for (const messages::Extra& extra : state.extras) {
    recorded.extras.push_back({.key = extra.key, .value = extra.value});
  }
  return recorded;
}

messages::RobotState from_recorded(const RecordedState& recorded) noexcept {
  messages::RobotState state;
  state.stamp_ns = recorded.stamp_ns;
  state.sequence = recorded.sequence;
  state.source_t_s = recorded.source_t_s;
  state.joint_positions = recorded.joint_positions;
  state.joint_velocities = recorded.joint_velocities;
  state.joint_efforts = recorded.joint_efforts;
  state.gripper_position = recorded.gripper_position;
  if (std::array<double, 7> pose{}; recorded.end_effector_pose.size() == pose.size()) {
    std::ranges::copy(recorded.end_effector_pose, pose.begin());
    state.end_effector_pose = pose;
  }
  state.robot_type = recorded.robot_type;
  state.units = recorded.units;
  state.mark = recorded.mark;
  state.lease_epoch = recorded.lease_epoch;
  state.trace_id = recorded.trace_id;
  for (const RecordedHop& hop : recorded.hops) {
    state.hops.push_back({.stamp_ns = hop.stamp_ns, .thread = hop.thread, .point = hop.point});
  }
  for (const RecordedExtra& extra : recorded.extras) {
    state.extras.push_back({.key = extra.key, .value = extra.value});
  }
  return state;
}

std::string state_topic(const StateChannelInfo& info) {
  return fmt::format("/{}/{}", info.robot, messages::enum_name(info.kind).view());
}

const std::string& recorded_state_schema() {
  static const std::string kSchema = [] {
    const auto& description = messages::ros_type<RecordedState>().description;
    std::string text = messages::msg_text(description.type_description);
    for (const auto& inner : description.referenced_type_descriptions) {
      std::string name(inner.type_name.view());  // "takt_msgs/msg/RecordedHop", in this text "takt_msgs/RecordedHop"
      if (const auto at = name.find("/msg/"); at != std::string::npos) {
        name.erase(at, 4);
      }
      text += fmt::format("{:=<80}\nMSG: {}\n{}", "", name, messages::msg_text(inner));
    }
    return text;
  }();
  return kSchema;
}

}  // namespace takt::trajectory::recorder
