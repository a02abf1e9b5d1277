#include "takt/node/test/rig.hpp"

// Where the nodes of this module's tests live: on one bus, and on two hosts of a network in memory.
namespace takt::node::testing {

std::vector<Way> ways() {
  return {{.name = "InProcess", .time = async::LoopTime::kVirtual, .join = {}},
          {.name = "OverMemory",
           .time = async::LoopTime::kVirtual,
           .join = [](bus::MemoryNetwork& network, bus::Bus& near, bus::Bus& far) {
             near.add(network.join("near"));
             far.add(network.join("far"));
           }}};
}

}  // namespace takt::node::testing
