#pragma once

#include <sys/types.h>

namespace takt::async::internal {

/// The life of the zygote process: takes StartOrders from `control`, forks a child for each, tells its end, kills it
/// when its life socket is closed at the other side. Single-threaded.
/// @param parent  the process that must be alive for this one to be.
[[noreturn]] void run_zygote_process(int control, pid_t parent) noexcept;

}  // namespace takt::async::internal
