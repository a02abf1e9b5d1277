#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "takt/core/time.hpp"
#include "takt/transports/udp/internal/socket.hpp"

namespace takt::udp::internal {

/// Whom to send to: the fixed ones, and those that a listener hears. Thread safe; who publishes waits for nobody longer
/// than it takes to copy a pointer.
class Peers {
 public:
  using List = std::shared_ptr<const std::vector<Address>>;

  /// @param learns  everyone heard within the last `kKeep_ns`, kMax at most, is sent to. When one more comes, the host
  ///   with the most ports gives up the one that was silent longest: nobody locks others out.
  Peers(std::vector<Address> fixed, bool learns);

  [[nodiscard]] List list() const;

  void heard(const Address& from, core::Nanoseconds now_ns);
  void forget_silent(core::Nanoseconds now_ns);

  static constexpr core::Nanoseconds kKeep_ns = 3 * core::kNanosecondsPerSecond;
  static constexpr std::size_t kMax = 64;

 private:
  struct Learned {
    Address address;
    core::Nanoseconds heard_ns;
  };
  void publish_list();
  void give_one_up();

  const std::vector<Address> fixed_;
  const bool learns_;
  mutable std::mutex mutex_;
  std::vector<Learned> learned_;
  List list_;
};

}  // namespace takt::udp::internal
