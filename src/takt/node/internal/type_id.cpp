#include "takt/node/internal/type_id.hpp"

#include <map>
#include <mutex>

#include <boost/core/demangle.hpp>

namespace takt::node::internal {
namespace {

struct Types {
  std::mutex mutex;
  std::map<std::string, const messages::RosType*, std::less<>> by_name;
};

Types& types() {
  static Types known;
  return known;
}

}  // namespace

void remember(const messages::RosType& type) {
  const std::scoped_lock lock(types().mutex);
  types().by_name.try_emplace(type.name, &type);
}

const messages::RosType* find_type(std::string_view name) {
  const std::scoped_lock lock(types().mutex);
  const auto found = types().by_name.find(name);
  return found == types().by_name.end() ? nullptr : found->second;
}

std::string cpp_name(const std::type_info& type) {
  return boost::core::demangle(type.name());
}

}  // namespace takt::node::internal
