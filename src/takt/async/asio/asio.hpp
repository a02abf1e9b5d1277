#pragma once

/// The Asio adapter: everything in one include. Brings Boost.Asio into the file that includes it; nothing else of async
/// does.
#include "takt/async/asio/asio_context.hpp"
#include "takt/async/asio/use_task.hpp"
