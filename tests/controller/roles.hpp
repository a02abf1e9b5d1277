#pragma once

#include <string>

namespace takt::test {

/// `serve NAME`: a server with a simulated FR3. Prints "ready". SIGUSR1: a state with a NaN. SIGUSR2: the arm falls
/// silent, or answers again. SIGTERM: ends.
int serve(const std::string& name);

/// `stream NAME`: takes over, starts the arm, prints "ready" and sets targets without a pause, its loop blocked. When
/// the server dies, prints when it heard of it [ns of CLOCK_MONOTONIC] and ends with 0.
int stream(const std::string& name);

/// `ask NAME`: takes over, prints "ready" and makes requests without a pause. Ends with 0 when the server dies.
int ask(const std::string& name);

}  // namespace takt::test
