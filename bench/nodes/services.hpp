#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "child.hpp"
#include "nodes/domains.hpp"
#include "placement.hpp"
#include "shared_page.hpp"

/// A service in a child process that answers with what it is asked.
namespace takt::bench {

/// The same until `over`, on the calling thread.
void serve_by_hand(std::uint32_t domain, const std::atomic<bool>& over);
void serve_by_node(std::uint32_t domain, const std::atomic<bool>& over);

/// So many calls, one after the other. @return how long each took [µs]. @throws SystemError without an answer
[[nodiscard]] std::vector<double> call_by_hand(std::uint32_t domain, int calls);
[[nodiscard]] std::vector<double> call_by_node(std::uint32_t domain, int calls);

/// The child that serves. A resource.
class EchoChild {
 public:
  /// Forks: before the process has a second thread.
  explicit EchoChild(const Domains& domains)
      : child_([this, domains](std::uint32_t by_node) {
          const Fifo fifo;
          by_node != 0 ? serve_by_node(domains.takt, *over_.operator->())
                       : serve_by_hand(domains.bare, *over_.operator->());
        }) {}

  /// It serves meanwhile.
  template <class Work>
  [[nodiscard]] auto during(bool by_node, Work&& work) {
    const Fifo fifo;  // as in the child: all threads of both ends
    over_->store(false);
    child_.begin(by_node ? 1 : 0);
    auto made = work();
    over_->store(true);
    child_.finish();
    return made;
  }

 private:
  SharedPage<std::atomic<bool>> over_;
  Child child_;  // last: sees what is above
};

}  // namespace takt::bench
