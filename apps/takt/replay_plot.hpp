#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "replay_study.hpp"

namespace takt::app {

/// Writes one SVG plot of some plays: their requests, bytes and CPU as bars, how late their frames are as
/// distributions.
/// @throws SystemError.
void write_replay_plot(const std::filesystem::path& path, const std::string& title, const std::vector<ReplayRun>& runs);

}  // namespace takt::app
