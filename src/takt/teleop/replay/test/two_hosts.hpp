#pragma once

#include "takt/bus/bus.hpp"
#include "takt/bus/memory_transport.hpp"

namespace takt::teleop::replay::test {

/// A robot's host and a desk's, on a network in this process that loses, delays and cuts.
struct TwoHosts {
  TwoHosts() {
    robot_bus.add(memory.join("robot"));
    desk_bus.add(memory.join("desk"));
  }
  bus::MemoryNetwork memory;
  bus::Bus robot_bus;
  bus::Bus desk_bus;
};

}  // namespace takt::teleop::replay::test
