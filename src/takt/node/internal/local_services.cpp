#include "takt/node/internal/local_services.hpp"

#include <boost/core/demangle.hpp>

namespace takt::node::internal {
namespace {

void check_type(std::string_view name, std::type_index have, std::type_index want) {
  if (have != want) {
    throw LogicError("service " + std::string(name) + " is " + boost::core::demangle(have.name()) + ", not " +
                     boost::core::demangle(want.name()));
  }
}

}  // namespace

void LocalServices::add_any(const std::string& name, std::type_index type, std::shared_ptr<void> box) {
  const std::scoped_lock lock(mutex_);
  if (const auto other = servers_.find(name); other != servers_.end()) {
    check_type(name, other->second.type, type);
  }
  servers_.emplace(name, Server{type, std::move(box)});
}

void LocalServices::remove(const std::string& name, const void* box) noexcept {
  const std::scoped_lock lock(mutex_);
  for (auto [it, end] = servers_.equal_range(name); it != end; ++it) {
    if (it->second.box.get() == box) {
      servers_.erase(it);
      return;
    }
  }
}

std::shared_ptr<void> LocalServices::find_any(std::string_view name, std::type_index type) const {
  const std::scoped_lock lock(mutex_);
  const auto found = servers_.lower_bound(name);  // of equal ones, the first that came
  if (found == servers_.end() || found->first != name) {
    return nullptr;
  }
  check_type(name, found->second.type, type);
  return found->second.box;
}

bool LocalServices::has(std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  return servers_.contains(name);
}

}  // namespace takt::node::internal
