#include "takt/registry/arms.hpp"

#include <string_view>
#include <utility>

#include "takt/async/offload.hpp"
#include "takt/core/error.hpp"
#include "takt/robots/models/models.hpp"
#include "takt/robots/sim/sim_arm.hpp"

namespace takt::registry {
namespace {

constexpr std::string_view kSim = "sim:";
constexpr unsigned kTolerantMissedToFault = 200;

}  // namespace

std::unique_ptr<control::Arm> open_arm(const std::string& uri, const ArmOptions& options) {
  if (!uri.starts_with(kSim)) {
    throw ConfigError(uri, 0, "", "no such kind of arm: want sim:fr3");
  }
  const std::string name = uri.substr(kSim.size());
  if (name == "so101") {
    throw ConfigError(uri, 0, "",
                      "the SO-101 is led by positions over a servo bus and has no 1 kHz interface: open it as a robot "
                      "(takt teleop), or connect to sim:fr3");
  }
  auto model = name == "fr3" ? robots::models::find_model(name) : std::nullopt;
  if (!model) {
    throw ConfigError(uri, 0, "", "there is no 1 kHz arm '" + name + "' (there is fr3)");
  }
  robots::sim::SimArmOptions made;
  made.name = options.label;
  made.start_rad = options.start_rad;
  if (options.tolerate_host_stalls) {
    made.missed_to_fault = kTolerantMissedToFault;
  }
  return std::make_unique<robots::sim::SimArm>(*std::move(model), std::move(made));
}

async::Task<std::unique_ptr<control::Arm>> connect(std::string uri, ArmOptions options) {
  auto opened = co_await async::offload([&] { return open_arm(uri, options); });
  co_return opened;
}

}  // namespace takt::registry
