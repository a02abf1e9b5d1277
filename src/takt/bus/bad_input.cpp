#include "takt/bus/bad_input.hpp"

#include <fmt/format.h>

#include "takt/core/log.hpp"

namespace takt::bus {

void BadInput::note(std::string_view fault, std::string_view from) {
  {
    const std::scoped_lock lock(mutex_);
    ++count_;
    if (!named_.emplace(fault).second) {
      return;
    }
  }
  core::log(core::LogLevel::kWarning,
            fmt::format("{}: dropped what {} sent: {}; more of this kind is only counted", transport_, from, fault));
}

std::uint64_t BadInput::count() const {
  const std::scoped_lock lock(mutex_);
  return count_;
}

}  // namespace takt::bus
