#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "takt/control/cycle_state.hpp"
#include "takt/control/fault.hpp"
#include "takt/core/time.hpp"

namespace takt::controller {

/// Whose evidence it is.
struct EvidenceTitle {
  std::string arm;
  control::FaultReport fault;
  core::Nanoseconds wall_ns{0};  ///< CLOCK_REALTIME of writing
};

/// Writes the cycles around a fault as text, one row per cycle: docs/formats/evidence.md. Blocks.
void write_evidence(std::ostream& out, const EvidenceTitle& title, const std::vector<control::CycleState>& cycles);

/// The same into `folder`, which is made where it is missing, as takt-<arm>-<UTC time>-<fault>.csv; the name appears
/// when the file is complete, and no file is overwritten. Blocks. @return the file's path. @throws SystemError
std::filesystem::path save_evidence(const std::filesystem::path& folder, const EvidenceTitle& title,
                                    const std::vector<control::CycleState>& cycles);

}  // namespace takt::controller
