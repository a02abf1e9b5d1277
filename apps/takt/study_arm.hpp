#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "takt/robots/robot.hpp"
#include "takt/trajectory/trajectory.hpp"

/// What replays are measured with: an arm that costs nothing, and motions for it.
namespace takt::app {

/// Seven joints at once where they are told to be, with an FR3's kind of limits; it stands at zero.
[[nodiscard]] std::unique_ptr<robots::Robot> make_study_arm();

/// So many frames at that rate: every joint there and back, at rest at both ends.
/// @param from_rad  where all joints begin and end; the arm stands at 0, so another value wants a bridge
/// @pre frames ≥ 2, rate_hz > 0; so long that the arm's limits allow it (half a second)
[[nodiscard]] trajectory::Trajectory study_wave(std::string name, std::size_t frames, double rate_hz,
                                                double from_rad = 0.0);

/// The same from where the arm stands, made so long that all that is played of it, the way there and to rest at its end
/// included, has so many frames. @throws LogicError when there is none
[[nodiscard]] trajectory::Trajectory study_play(const std::string& name, std::size_t frames, double rate_hz);

}  // namespace takt::app
