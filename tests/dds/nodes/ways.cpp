#include "takt/node/test/rig.hpp"
#include "takt/transports/dds/test/dds_test.hpp"

#include "neighbours.hpp"

// Where the nodes of the checklist live here: on two participants of dds, over the loopback interface, in real time.
namespace takt::node::testing {
namespace {

/// Nobody outside this process finds it.
std::shared_ptr<bus::Transport> open() {
  dds::DdsOptions options = dds::test::options();
  options.discovery = dds::DiscoveryRange::kOff;
  return dds::open_dds(options);
}

void join(bus::MemoryNetwork& /*network*/, bus::Bus& near, bus::Bus& far) {
  const auto neighbours = std::make_shared<dds::test::Neighbours>();
  near.add(neighbours->join(open()));
  far.add(neighbours->join(open()));
}

}  // namespace

std::vector<Way> ways() {
  return {{.name = "OverDds", .time = async::LoopTime::kSteady, .join = join}};
}

}  // namespace takt::node::testing
