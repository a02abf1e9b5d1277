#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "takt/bus/transport.hpp"

namespace takt::dds::test {

/// Transports that have heard of each other's endpoints and nodes as soon as these are made, and as soon as they go:
/// what is asked of one returns when all have. So tests that are written for a bus without discovery run over dds.
///
/// Blocks the caller meanwhile, a few ms; so nothing is made or destroyed inside events here. Its transports
/// share it.
class Neighbours : public std::enable_shared_from_this<Neighbours> {
 public:
  /// `transport`, among the others from now on.
  [[nodiscard]] std::shared_ptr<bus::Transport> join(std::shared_ptr<bus::Transport> transport);

  /// What there is, beside whatever the transports themselves show.
  struct Entry {
    const bus::Transport* place;
    bus::EndpointInfo::Kind kind;
    std::string name;
    std::string type;
    std::string node;  // empty: none
    bus::Qos qos;
    std::function<bus::Matched()> matched;
  };
  using Place = std::list<Entry>::iterator;

  /// Enters an endpoint, and returns when all have heard of it.
  [[nodiscard]] Place enter(Entry entry);
  /// Ends it with `end`, and returns when all have heard of that.
  void leave(Place place, const std::function<void()>& end);
  /// Returns when all see so many more, or less, nodes of this name.
  void nodes(const std::string& name, int more);

 private:
  void settle(const std::string& name);
  [[nodiscard]] bool settled(const std::string& name) const;
  [[nodiscard]] std::size_t partners(const Entry& entry) const;

  std::mutex mutex_;
  std::vector<std::shared_ptr<bus::Transport>> transports_;
  std::list<Entry> entries_;
  std::vector<std::string> nodes_;
};

}  // namespace takt::dds::test
