#include "takt/control/model/self_collision.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace takt::control {
namespace {

using Eigen::Vector3d;

/// Segments shorter than the root of this are points.
constexpr double kPointM2 = 1e-18;

/// The axis of a capsule, in B.
struct Segment {
  Vector3d p0, p1;
};
using Segments = std::array<Segment, kMaxCapsules>;

Segments place(const std::vector<Capsule>& capsules, const LinkFrames& frames) noexcept {
  Segments placed;
  for (std::size_t i = 0; i < capsules.size(); ++i) {
    const Capsule& capsule = capsules[i];
    if (capsule.link == 0) {
      placed[i] = {.p0 = capsule.p_LP_m, .p1 = capsule.p_LQ_m};
      continue;
    }
    const Eigen::Matrix3d& R = frames.R_BL[capsule.link - 1];
    const Vector3d& p = frames.p_BL_m[capsule.link - 1];
    placed[i] = {.p0 = p + R * capsule.p_LP_m, .p1 = p + R * capsule.p_LQ_m};
  }
  return placed;
}

double distance_m(const Segment& a, const Segment& b) noexcept {
  return segment_distance(a.p0, a.p1, b.p0, b.p1);
}

bool excluded(const ModelData& data, std::size_t a, std::size_t b) {
  return b - a < 2 ||
         std::any_of(
             data.harmless_pairs.begin(), data.harmless_pairs.end(),
             [&](const LinkPair& pair) { return a == std::min(pair.a, pair.b) && b == std::max(pair.a, pair.b); });
}

}  // namespace

// The point of the first segment nearest to the second one's line, hence the point of the second nearest to that, and
// where that lies beyond the second's end the end, and the point of the first nearest to it.
double segment_distance(const Vector3d& a0, const Vector3d& a1, const Vector3d& b0, const Vector3d& b1) noexcept {
  const Vector3d along_a = a1 - a0;
  const Vector3d along_b = b1 - b0;
  const Vector3d between = a0 - b0;
  const double aa = along_a.squaredNorm();
  const double bb = along_b.squaredNorm();
  const double b_between = along_b.dot(between);
  const double a_between = along_a.dot(between);
  double s = 0.0;  // where on a, 0 … 1
  double t = 0.0;  // where on b
  if (aa <= kPointM2) {
    t = bb <= kPointM2 ? 0.0 : std::clamp(b_between / bb, 0.0, 1.0);
  } else if (bb <= kPointM2) {
    s = std::clamp(-a_between / aa, 0.0, 1.0);
  } else {
    const double ab = along_a.dot(along_b);
    const double spread = aa * bb - ab * ab;  // 0 where they are parallel: then any s will do
    s = spread > 1e-12 * aa * bb ? std::clamp((ab * b_between - a_between * bb) / spread, 0.0, 1.0) : 0.0;
    t = (ab * s + b_between) / bb;
    if (t < 0.0 || t > 1.0) {
      t = std::clamp(t, 0.0, 1.0);
      s = std::clamp((ab * t - a_between) / aa, 0.0, 1.0);
    }
  }
  return (between + s * along_a - t * along_b).norm();
}

SelfCollision::SelfCollision(const Model& model) : capsules_(model.data().capsules) {
  std::stable_sort(capsules_.begin(), capsules_.end(),
                   [](const Capsule& a, const Capsule& b) { return a.link < b.link; });
  const Segments home = place(capsules_, model.link_frames(core::JointVector(model.data().home_rad)));
  std::vector<LinkPair> touching;
  for (std::size_t a = 0; a < capsules_.size(); ++a) {
    for (std::size_t b = a + 1; b < capsules_.size(); ++b) {
      if (excluded(model.data(), capsules_[a].link, capsules_[b].link)) {
        continue;
      }
      if (distance_m(home[a], home[b]) <= capsules_[a].radius_m + capsules_[b].radius_m) {
        touching.push_back({.a = capsules_[a].link, .b = capsules_[b].link});
      }
      pairs_.push_back({.a = a, .b = b});
    }
  }
  std::erase_if(pairs_, [&](const CapsulePair& pair) {
    const LinkPair links{.a = capsules_[pair.a].link, .b = capsules_[pair.b].link};
    return std::find(touching.begin(), touching.end(), links) != touching.end();
  });
}

SelfCollision::Nearest SelfCollision::nearest(const Model& model, const core::JointVector& q_rad) const noexcept {
  return nearest(model.link_frames(q_rad));
}

SelfCollision::Nearest SelfCollision::nearest(const LinkFrames& frames) const noexcept {
  const Segments placed = place(capsules_, frames);
  Nearest nearest;
  for (const CapsulePair& pair : pairs_) {
    const Capsule& a = capsules_[pair.a];
    const Capsule& b = capsules_[pair.b];
    const double distance = distance_m(placed[pair.a], placed[pair.b]) - a.radius_m - b.radius_m;
    if (distance < nearest.distance_m) {
      nearest = {.distance_m = distance, .link_a = a.link, .link_b = b.link};
    }
  }
  return nearest;
}

std::vector<LinkPair> SelfCollision::pairs() const {
  std::vector<LinkPair> links;
  for (const CapsulePair& pair : pairs_) {
    const LinkPair found{.a = capsules_[pair.a].link, .b = capsules_[pair.b].link};
    if (std::find(links.begin(), links.end(), found) == links.end()) {
      links.push_back(found);
    }
  }
  return links;
}

}  // namespace takt::control
