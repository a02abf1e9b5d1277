#include "takt/async/tasks/combine.hpp"

#include <fmt/core.h>

namespace takt::async::internal {

std::string branch_name(const char* combinator, std::size_t index) {
  return fmt::format("{}[{}]", combinator, index);
}

}  // namespace takt::async::internal
