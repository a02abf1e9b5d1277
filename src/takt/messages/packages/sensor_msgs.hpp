#pragma once

/// What sensors and joints measure. SI units throughout. The package sensor_msgs of ROS 2, whole.

#include "takt/messages/packages/sensor_msgs/camera.hpp"
#include "takt/messages/packages/sensor_msgs/environment.hpp"
#include "takt/messages/packages/sensor_msgs/joints.hpp"
#include "takt/messages/packages/sensor_msgs/ranges.hpp"
