#include "takt/async/tasks/channel.hpp"

#include <fmt/core.h>

namespace takt::async::internal {

void throw_closed_twice(const char* type, std::string_view name) {
  throw LogicError(fmt::format("{} was closed twice: one side closes, once", describe_primitive(type, name)));
}

}  // namespace takt::async::internal
