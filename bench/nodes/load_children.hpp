#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "takt/core/time.hpp"

#include "child.hpp"
#include "nodes/domains.hpp"
#include "nodes/load.hpp"
#include "shared_page.hpp"

namespace takt::bench {

/// What processes took and heard between two moments.
struct Spent {
  double cpu_s{0};
  std::uint64_t delivered{0};
};

/// Waits until `start_ns`, and then until `end_ns`. @return of this process, in between
[[nodiscard]] Spent spent_between(core::Nanoseconds start_ns, core::Nanoseconds end_ns,
                                  const std::atomic<std::uint64_t>& delivered);

/// A process for each of the nodes. A resource.
class LoadChildren {
 public:
  /// Forks: before the process has a second thread.
  explicit LoadChildren(const Domains& domains);

  /// All of them at work from now until a little after `end_ns`. @return what they took between these two, together
  /// @throws SystemError when one of them fails
  [[nodiscard]] Spent work(LoadSide side, core::Nanoseconds start_ns, core::Nanoseconds end_ns);

 private:
  struct Task {
    std::atomic<core::Nanoseconds> start_ns{0};
    std::atomic<core::Nanoseconds> end_ns{0};
    std::array<Spent, kLoadNodes> spent{};  // each child's own, until it answers
  };
  void serve(int number, LoadSide side);

  Domains domains_;
  SharedPage<Task> task_;
  std::array<std::unique_ptr<Child>, kLoadNodes> children_;  // last: see what is above
};

}  // namespace takt::bench
