#pragma once

#include "takt/async/tasks/task.hpp"
#include "takt/controller/internal/arm_host.hpp"
#include "takt/core/file_descriptor.hpp"

namespace takt::controller::internal {

/// Serves one client until it leaves, is sent away, or the server ends: welcomes it, carries out its requests side by
/// side, and takes its lease back. What the client does wrong ends its own session and nothing else; a client that does
/// not read is left. Requests on their way are finished first; in a server that ends they are cancelled.
///
/// @param host  outlives the task.
[[nodiscard]] async::Task<void> serve_client(ArmHost& host, FileDescriptor client);

}  // namespace takt::controller::internal
