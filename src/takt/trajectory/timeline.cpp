#include "takt/trajectory/timeline.hpp"

#include <algorithm>
#include <array>

namespace takt::trajectory {
namespace {

using control::JointPath;

/// Frame `knot` of a baked piece; the numbers are rows.
core::JointVector row(const std::vector<double>& numbers, std::size_t knot, std::size_t joints) noexcept {
  return core::JointVector(std::span(numbers).subspan(knot * joints, joints));
}

/// Cubic Hermite between two knots by its basis polynomials; `s` from 0 to 1 over `h_s` seconds.
JointPath::Reference hermite(const Curve& curve, std::size_t knot, double s, double h_s) noexcept {
  JointPath::Reference at{.q_rad = core::JointVector::zero(curve.joints),
                          .dq_rad_s = core::JointVector::zero(curve.joints)};
  const double r = 1.0 - s;
  const double* q0 = curve.q_rad.data() + knot * curve.joints;
  const double* v0 = curve.dq_rad_s.data() + knot * curve.joints;
  const double* q1 = q0 + curve.joints;
  const double* v1 = v0 + curve.joints;
  for (std::size_t i = 0; i < curve.joints; ++i) {
    const double way = q1[i] - q0[i];
    at.q_rad[i] = q0[i] + s * s * (3.0 - 2.0 * s) * way + h_s * s * r * (r * v0[i] - s * v1[i]);
    at.dq_rad_s[i] = 6.0 * s * r * way / h_s + r * (1.0 - 3.0 * s) * v0[i] + s * (3.0 * s - 2.0) * v1[i];
  }
  return at;
}

}  // namespace

const char* name_of(Part part) noexcept {
  static constexpr std::array<const char*, 5> kNames{"entry", "recorded", "bridge", "seam", "exit"};
  return kNames[static_cast<std::size_t>(part)];
}

std::size_t Timeline::piece_of(std::size_t frame) const noexcept {
  const auto after = std::ranges::upper_bound(pieces_, frame, {}, &Piece::first_frame);
  return static_cast<std::size_t>(after - pieces_.begin()) - 1;
}

Timeline::Place Timeline::place_of(core::Nanoseconds playhead_ns) const noexcept {
  const core::Nanoseconds t_ns = wrapped(playhead_ns);
  const auto piece_after = std::ranges::upper_bound(pieces_, t_ns, {}, &Piece::begin_ns);
  const auto piece = static_cast<std::size_t>(piece_after - pieces_.begin()) - 1;
  const core::Nanoseconds local_ns = t_ns - pieces_[piece].begin_ns;
  const std::vector<core::Nanoseconds>& knots = parts_[piece].curve.t_ns;
  const auto knot_after = std::ranges::upper_bound(knots, local_ns);
  return {.piece = piece, .knot = static_cast<std::size_t>(knot_after - knots.begin()) - 1, .local_ns = local_ns};
}

core::Nanoseconds Timeline::time_ns(std::size_t index) const noexcept {
  const std::size_t piece = piece_of(index);
  const Baked& baked = parts_[piece];
  return pieces_[piece].begin_ns + baked.curve.t_ns[index - pieces_[piece].first_frame + baked.hidden];
}

TimelineFrame Timeline::frame(std::size_t index) const noexcept {
  const Piece& piece = pieces_[piece_of(index)];
  const Baked& baked = parts_[piece_of(index)];
  const std::size_t own = index - piece.first_frame;
  const std::size_t knot = own + baked.hidden;
  TimelineFrame made{.frame = {.t_ns = piece.begin_ns + baked.curve.t_ns[knot],
                               .q_rad = row(baked.curve.q_rad, knot, joints()),
                               .dq_rad_s = row(baked.curve.dq_rad_s, knot, joints())},
                     .part = piece.part,
                     .trajectory = piece.trajectory,
                     .index = own + piece.recorded_first};
  if (!baked.grippers.empty()) {
    made.frame.gripper = baked.grippers[knot];
  }
  return made;
}

core::Nanoseconds Timeline::wrapped(core::Nanoseconds playhead_ns) const noexcept {
  if (!loops_) {
    return std::clamp<core::Nanoseconds>(playhead_ns, 0, end_ns());
  }
  if (playhead_ns >= 0 && playhead_ns < end_ns()) {
    return playhead_ns;
  }
  const core::Nanoseconds into_lap = (playhead_ns - entry_ns_) % lap_ns();
  return entry_ns_ + (into_lap < 0 ? into_lap + lap_ns() : into_lap);
}

std::size_t Timeline::index_at(core::Nanoseconds playhead_ns) const noexcept {
  const Place place = place_of(playhead_ns);
  return pieces_[place.piece].first_frame + place.knot - parts_[place.piece].hidden;
}

JointPath::Reference Timeline::at(core::Nanoseconds playhead_ns) const noexcept {
  const Place place = place_of(playhead_ns);
  const Curve& curve = parts_[place.piece].curve;
  if (place.knot + 1 == curve.t_ns.size()) {  // at the very end
    return {.q_rad = row(curve.q_rad, place.knot, curve.joints), .dq_rad_s = core::JointVector::zero(curve.joints)};
  }
  const core::Nanoseconds h_ns = curve.t_ns[place.knot + 1] - curve.t_ns[place.knot];
  const double s = static_cast<double>(place.local_ns - curve.t_ns[place.knot]) / static_cast<double>(h_ns);
  return hermite(curve, place.knot, s, core::to_seconds(h_ns));
}

std::optional<double> Timeline::gripper_at(core::Nanoseconds playhead_ns) const noexcept {
  const Place place = place_of(playhead_ns);
  const Baked& baked = parts_[place.piece];
  if (baked.grippers.empty()) {
    return std::nullopt;
  }
  const double before = baked.grippers[place.knot];
  if (place.knot + 1 == baked.grippers.size()) {
    return before;
  }
  const core::Nanoseconds begin_ns = baked.curve.t_ns[place.knot];
  const core::Nanoseconds h_ns = baked.curve.t_ns[place.knot + 1] - begin_ns;
  const double s = static_cast<double>(place.local_ns - begin_ns) / static_cast<double>(h_ns);
  return before + s * (baked.grippers[place.knot + 1] - before);
}

}  // namespace takt::trajectory
