#include "takt/node/internal/type_id.hpp"

#include <boost/core/demangle.hpp>

namespace takt::node::internal {

std::string cpp_name(const std::type_info& type) {
  return boost::core::demangle(type.name());
}

}  // namespace takt::node::internal
