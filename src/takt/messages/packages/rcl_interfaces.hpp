#pragma once

/// Parameters, log messages and their services. The package rcl_interfaces of ROS 2, whole.

#include "takt/messages/packages/rcl_interfaces/logging.hpp"
#include "takt/messages/packages/rcl_interfaces/parameter_services.hpp"
#include "takt/messages/packages/rcl_interfaces/parameters.hpp"
