#pragma once

/// Single values, arrays of them, and the header of most other messages. The package std_msgs of ROS 2, whole.

#include "takt/messages/packages/std_msgs/arrays.hpp"
#include "takt/messages/packages/std_msgs/header.hpp"
#include "takt/messages/packages/std_msgs/values.hpp"
