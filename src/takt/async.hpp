#pragma once

/// The async runtime in one include: tasks, nurseries, cancellation, primitives, clocks, and what keeps blocking code
/// from blocking them. Boost.Asio's operations come with takt/async/asio/asio.hpp.
