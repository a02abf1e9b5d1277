#pragma once

/// Points, poses, velocities and forces. Lengths in m, angles in rad, forces in N, torques in N·m. The package
/// geometry_msgs of ROS 2, whole.

#include "takt/messages/packages/geometry_msgs/stamped.hpp"
#include "takt/messages/packages/geometry_msgs/values.hpp"
