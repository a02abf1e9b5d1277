#include "takt/control/chunk_player.hpp"

#include <algorithm>

namespace takt::control {

bool ChunkPlayer::load(const Command& chunk, core::Nanoseconds now_ns, const Reference& at) noexcept {
  const std::size_t count = std::min<std::size_t>(chunk.count, kMaxActions);
  std::size_t next = 0;
  while (next < count && chunk.actions[next].due_ns <= now_ns) {
    ++next;
  }
  counts_.late_actions += next;
  if (next == count) {
    ++counts_.late_chunks;
    return false;
  }
  ++counts_.chunks;
  const bool overlaps = active() && end_ns() > now_ns;
  if (overlaps) {
    before_ = current_;
    blend_from_ns_ = now_ns;
    blend_until_ns_ = std::min({before_.end_ns(), chunk.actions[count - 1].due_ns, now_ns + core::from_seconds(kBlend_s)});
    ++counts_.blended_chunks;
  } else {
    blend_until_ns_ = now_ns;
  }
  current_.count = 0;
  if (next > 0) {
    current_.knots[current_.count++] = {.due_ns = chunk.actions[next - 1].due_ns,
                                        .reference = {.q_rad = chunk.actions[next - 1].q_rad, .dq_rad_s = at.dq_rad_s}};
  } else {
    current_.knots[current_.count++] = {.due_ns = now_ns, .reference = at};
  }
  for (std::size_t k = next; k < count; ++k) {
    current_.knots[current_.count++] = {.due_ns = chunk.actions[k].due_ns,
                                        .reference = {.q_rad = chunk.actions[k].q_rad, .dq_rad_s = at.dq_rad_s}};
  }
  current_.shape();
  return true;
}

ChunkPlayer::Reference ChunkPlayer::at(core::Nanoseconds now_ns) const noexcept {
  Reference reference = current_.at(now_ns);
  if (now_ns >= blend_until_ns_) {
    return reference;
  }
  const Reference old = before_.at(now_ns);
  const double whole_s = core::to_seconds(blend_until_ns_ - blend_from_ns_);
  const double s = std::clamp(core::to_seconds(now_ns - blend_from_ns_) / whole_s, 0.0, 1.0);
  const double weight = s * s * (3.0 - 2.0 * s);
  const double slope = 6.0 * s * (1.0 - s) / whole_s;
  for (std::size_t i = 0; i < reference.q_rad.size(); ++i) {
    const double lead = reference.q_rad[i] - old.q_rad[i];
    reference.q_rad[i] = old.q_rad[i] + weight * lead;
    reference.dq_rad_s[i] = old.dq_rad_s[i] + weight * (reference.dq_rad_s[i] - old.dq_rad_s[i]) + slope * lead;
  }
  return reference;
}

// The first knot keeps the slope with which the reference stands there.
void ChunkPlayer::Curve::shape() noexcept {
  for (std::size_t k = 1; k < count; ++k) {
    Knot& knot = knots[k];
    for (std::size_t i = 0; i < knot.reference.q_rad.size(); ++i) {
      if (k + 1 == count) {
        knot.reference.dq_rad_s[i] = 0.0;
      } else {
        const double rise = knots[k + 1].reference.q_rad[i] - knots[k - 1].reference.q_rad[i];
        knot.reference.dq_rad_s[i] = rise / core::to_seconds(knots[k + 1].due_ns - knots[k - 1].due_ns);
      }
    }
  }
}

ChunkPlayer::Reference ChunkPlayer::Curve::at(core::Nanoseconds now_ns) const noexcept {
  if (now_ns <= knots[0].due_ns) {
    return knots[0].reference;
  }
  if (now_ns >= end_ns()) {
    return knots[count - 1].reference;
  }
  std::size_t k = 1;
  while (knots[k].due_ns < now_ns) {
    ++k;
  }
  // p(s) on [0, 1] with the values p0, p1 and, per unit of s, the slopes m0, m1.
  const Knot& from = knots[k - 1];
  const Knot& to = knots[k];
  const double whole_s = core::to_seconds(to.due_ns - from.due_ns);
  const double s = core::to_seconds(now_ns - from.due_ns) / whole_s;
  Reference reference = from.reference;
  for (std::size_t i = 0; i < reference.q_rad.size(); ++i) {
    const double p0 = from.reference.q_rad[i];
    const double rise = to.reference.q_rad[i] - p0;
    const double m0 = from.reference.dq_rad_s[i] * whole_s;
    const double m1 = to.reference.dq_rad_s[i] * whole_s;
    const double a = m0 + m1 - 2.0 * rise;
    const double b = 3.0 * rise - 2.0 * m0 - m1;
    reference.q_rad[i] = p0 + s * (m0 + s * (b + s * a));
    reference.dq_rad_s[i] = (m0 + s * (2.0 * b + s * 3.0 * a)) / whole_s;
  }
  return reference;
}

}  // namespace takt::control
