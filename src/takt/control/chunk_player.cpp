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
  const bool overlaps = active() && end_ns() > now_ns;
  if (overlaps) {
    ++counts_.blended_chunks;
    keep_until(chunk.actions[0].due_ns, now_ns);
  } else {
    plan_.count = 0;
  }
  if (next > 0) {
    plan_.count = 0;
    plan_.add(chunk.actions[next - 1].due_ns, chunk.actions[next - 1].q_rad);
  } else if (plan_.count == 0) {
    plan_.add(now_ns, at.q_rad);
  }
  plan_.knots[0].reference.dq_rad_s = at.dq_rad_s;
  for (std::size_t k = next; k < count; ++k) {
    plan_.add(chunk.actions[k].due_ns, chunk.actions[k].q_rad);
  }
  plan_.shape();
  const Reference planned = plan_.at(now_ns);
  ahead_ = at;
  ahead_.q_rad.eigen() -= planned.q_rad.eigen();
  ahead_.dq_rad_s.eigen() -= planned.dq_rad_s.eigen();
  blend_from_ns_ = now_ns;
  blend_until_ns_ = std::min(end_ns(), now_ns + core::from_seconds(kBlend_s));
  return true;
}

// What is due before the new chunk begins stays, and the knot before now, from which the present piece comes.
void ChunkPlayer::keep_until(core::Nanoseconds first_ns, core::Nanoseconds now_ns) noexcept {
  std::size_t kept = 0;
  for (std::size_t k = 0; k < plan_.count && plan_.knots[k].due_ns < first_ns; ++k) {
    const bool is_past = k + 1 < plan_.count && plan_.knots[k + 1].due_ns <= now_ns;
    if (!is_past && kept < kMaxActions) {
      plan_.knots[kept++] = plan_.knots[k];
    }
  }
  plan_.count = kept;
}

ChunkPlayer::Reference ChunkPlayer::at(core::Nanoseconds now_ns) const noexcept {
  Reference reference = plan_.at(now_ns);
  if (now_ns >= blend_until_ns_) {
    return reference;
  }
  // From (d, m) to (0, 0) on [0, 1]: d (1 − 3 s² + 2 s³) + m (s − 2 s² + s³).
  const double whole_s = core::to_seconds(blend_until_ns_ - blend_from_ns_);
  const double s = std::clamp(core::to_seconds(now_ns - blend_from_ns_) / whole_s, 0.0, 1.0);
  for (std::size_t i = 0; i < reference.q_rad.size(); ++i) {
    const double d = ahead_.q_rad[i];
    const double m = ahead_.dq_rad_s[i] * whole_s;
    reference.q_rad[i] += d * (1.0 - s * s * (3.0 - 2.0 * s)) + m * s * (1.0 - s) * (1.0 - s);
    reference.dq_rad_s[i] += (-6.0 * d * s * (1.0 - s) + m * (1.0 - s) * (1.0 - 3.0 * s)) / whole_s;
  }
  return reference;
}

void ChunkPlayer::Curve::add(core::Nanoseconds due_ns, const core::JointVector& q_rad) noexcept {
  if (count < knots.size()) {
    knots[count++] = {.due_ns = due_ns,
                      .reference = {.q_rad = q_rad, .dq_rad_s = core::JointVector::zero(q_rad.size())}};
  }
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
