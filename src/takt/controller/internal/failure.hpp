#pragma once

#include <exception>

#include "takt/controller/internal/wire.hpp"

namespace takt::controller::internal {

/// What the server's side threw, for the other side: its kind, its words, and what it carries.
[[nodiscard]] Failed to_failure(const std::exception& error);

/// Throws it there again, as the type that it was.
[[noreturn]] void throw_failure(const Failed& failure);

}  // namespace takt::controller::internal
