#pragma once

#include <cstddef>
#include <map>
#include <optional>

#include "takt/bus/transport.hpp"

/// Internal to node.
namespace takt::node::internal {

/// How much of a server each client beyond this process has: one that asks for what takes long must leave room for the
/// others. Loop thread.
class ClientShares {
 public:
  using Client = decltype(bus::RequestId::client);

  /// @param most  at once for one client; 0: any
  explicit ClientShares(std::size_t most) noexcept : most_(most) {}

  /// Whether there is room for one more of that client; none: of this process, which is trusted. Each that is admitted
  /// must leave().
  [[nodiscard]] bool admit(const std::optional<Client>& client) {
    if (!client || most_ == 0) {
      return true;
    }
    std::size_t& running = running_[*client];
    const bool room = running < most_;
    running += room ? 1 : 0;
    return room;
  }
  void leave(const std::optional<Client>& client) noexcept {
    const auto running = client ? running_.find(*client) : running_.end();
    if (running != running_.end() && --running->second == 0) {
      running_.erase(running);
    }
  }

 private:
  const std::size_t most_;
  std::map<Client, std::size_t> running_;
};

}  // namespace takt::node::internal
