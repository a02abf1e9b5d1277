#include "takt/teleop/replay/twin_on_bus.hpp"

#include <limits>
#include <tuple>
#include <utility>

#include "takt/messages/json.hpp"
#include "takt/teleop/replay/internal/text_topic.hpp"

namespace takt::teleop::replay {
namespace {

constexpr double kLook_s = 0.1;
constexpr core::Nanoseconds kPlayed_ns = 250'000'000;  // each costs what moving the arm by some frames does
constexpr core::Nanoseconds kAtRest_ns = core::kNanosecondsPerSecond;

}  // namespace

std::string status_topic(const std::string& robot) {
  return "/" + robot + "/replay";
}

TwinOnBus::TwinOnBus(DigitalTwin& twin, bus::Bus& network, TrajectoryShelf shelf)
    : commands_(twin, std::move(shelf)),
      shown_(std::make_unique<internal::TextSender>(network, status_topic(twin.follower().name()), bus::Qos::latched(),
                                                    [this] { matched_.store(true); })),
      service_(network, twin.follower().name(), commands_, {.every_s = kLook_s, .every = [this] { show(); }}) {}

/// What is still asked, and what is just being loaded, moves nothing any more.
TwinOnBus::~TwinOnBus() {
  constexpr auto kEver_ns = std::numeric_limits<core::Nanoseconds>::max();
  std::ignore = commands_.handle({.action = CommandAction::kStopReplay}, {.client = "", .received_ns = kEver_ns});
}

/// At once when its phase has changed, and to who comes late, who cannot tell how old the kept one is; else now and
/// then.
void TwinOnBus::show() {
  const core::Nanoseconds now_ns = core::monotonic_now_ns();
  const ReplayStatus status = commands_.status();
  if (matched_.exchange(false) || status.twin.phase != phase_ ||
      now_ns >= shown_ns_ + (is_played(status.twin.phase) ? kPlayed_ns : kAtRest_ns)) {
    phase_ = status.twin.phase;
    shown_ns_ = now_ns;
    static_cast<void>(shown_->send(messages::to_json(status)));
  }
}

}  // namespace takt::teleop::replay
