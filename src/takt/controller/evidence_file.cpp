#include "takt/controller/evidence_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <ostream>
#include <string_view>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/core/joint_vector.hpp"

// The columns are a table: what is said of a cycle, then what is said of each joint. A header line and the rows are
// made from it, so that they cannot differ.

namespace takt::controller {
namespace {

using control::CycleState;
using Line = fmt::memory_buffer;

constexpr int kVersion = 1;

struct CycleColumn {
  std::string_view name;
  void (*append)(Line& line, const CycleState& cycle);
};

struct JointColumn {
  std::string_view name;  ///< the joint's number follows, then the unit
  std::string_view unit;
  const core::JointVector& (*values)(const CycleState& cycle);
};

template <class T>
void append(Line& line, const T& value) {
  fmt::format_to(std::back_inserter(line), "{}", value);
}

std::string_view to_text(control::Freshness freshness) noexcept {
  switch (freshness) {
    case control::Freshness::kFresh:
      return "fresh";
    case control::Freshness::kHold:
      return "hold";
    case control::Freshness::kHalt:
      return "halt";
    case control::Freshness::kStop:
      break;
  }
  return "stop";
}

std::string_view to_text(control::CommandKind kind) noexcept {
  switch (kind) {
    case control::CommandKind::kNone:
      return "none";
    case control::CommandKind::kJoint:
      return "joints";
    case control::CommandKind::kPose:
      return "pose";
    case control::CommandKind::kTorque:
      return "torques";
    case control::CommandKind::kChunk:
      break;
  }
  return "chunk";
}

constexpr std::array kCycleColumns = {
    CycleColumn{"cycle", [](Line& line, const CycleState& cycle) { append(line, cycle.cycle); }},
    CycleColumn{"stamp_ns", [](Line& line, const CycleState& cycle) { append(line, cycle.measured.stamp_ns); }},
    CycleColumn{"sequence", [](Line& line, const CycleState& cycle) { append(line, cycle.measured.sequence); }},
    CycleColumn{"woke_ns", [](Line& line, const CycleState& cycle) { append(line, cycle.woke_ns); }},
    CycleColumn{"written_ns", [](Line& line, const CycleState& cycle) { append(line, cycle.written_ns); }},
    CycleColumn{"mode", [](Line& line, const CycleState& cycle) { append(line, control::to_text(cycle.mode)); }},
    CycleColumn{"fault", [](Line& line, const CycleState& cycle) { append(line, control::to_text(cycle.fault)); }},
    CycleColumn{"freshness", [](Line& line, const CycleState& cycle) { append(line, to_text(cycle.freshness)); }},
    CycleColumn{"following", [](Line& line, const CycleState& cycle) { append(line, to_text(cycle.following)); }},
    CycleColumn{"law", [](Line& line, const CycleState& cycle) { append(line, cycle.law.view()); }},
    CycleColumn{"leashed", [](Line& line, const CycleState& cycle) { append(line, cycle.leashed ? 1 : 0); }},
    CycleColumn{"at_rest", [](Line& line, const CycleState& cycle) { append(line, cycle.at_rest ? 1 : 0); }},
    CycleColumn{"brakes",
                [](Line& line, const CycleState& cycle) { append(line, cycle.measured.brakes_engaged ? 1 : 0); }},
    CycleColumn{"success_rate",
                [](Line& line, const CycleState& cycle) { append(line, cycle.measured.command_success_rate); }},
};

constexpr std::array kJointColumns = {
    JointColumn{"q", "rad", [](const CycleState& cycle) -> const core::JointVector& { return cycle.measured.q_rad; }},
    JointColumn{"dq", "rad_s",
                [](const CycleState& cycle) -> const core::JointVector& { return cycle.measured.dq_rad_s; }},
    JointColumn{"tau", "nm", [](const CycleState& cycle) -> const core::JointVector& { return cycle.measured.tau_nm; }},
    JointColumn{"target", "rad", [](const CycleState& cycle) -> const core::JointVector& { return cycle.target_rad; }},
    JointColumn{"q_set", "rad",
                [](const CycleState& cycle) -> const core::JointVector& { return cycle.setpoint.q_rad; }},
    JointColumn{"dq_set", "rad_s",
                [](const CycleState& cycle) -> const core::JointVector& { return cycle.setpoint.dq_rad_s; }},
    JointColumn{"ddq_set", "rad_s2",
                [](const CycleState& cycle) -> const core::JointVector& { return cycle.setpoint.ddq_rad_s2; }},
    JointColumn{"tau_law", "nm",
                [](const CycleState& cycle) -> const core::JointVector& { return cycle.tau_wanted_nm; }},
    JointColumn{"tau_cmd", "nm", [](const CycleState& cycle) -> const core::JointVector& { return cycle.tau_nm; }},
};

std::size_t joints_of(const std::vector<CycleState>& cycles) {
  std::size_t most = 0;
  for (const CycleState& cycle : cycles) {
    most = std::max(most, cycle.setpoint.q_rad.size());
  }
  return most;
}

std::string utc(core::Nanoseconds wall_ns, const char* format) {
  const auto seconds = static_cast<std::time_t>(wall_ns / core::kNanosecondsPerSecond);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), format, &parts);
  return {text.data(), length};
}

void write_row(Line& line, const CycleState& cycle, std::size_t joints) {
  for (const CycleColumn& column : kCycleColumns) {
    column.append(line, cycle);
    line.push_back(',');
  }
  for (const JointColumn& column : kJointColumns) {
    const core::JointVector& values = column.values(cycle);
    for (std::size_t i = 0; i < joints; ++i) {
      if (i < values.size()) {
        append(line, values[i]);
      }
      line.push_back(',');
    }
  }
  line.resize(line.size() - 1);
  line.push_back('\n');
}

// "the arm is disconnected" → "the-arm-is-disconnected"
std::string as_file_name(std::string_view text) {
  std::string made;
  for (const char c : text) {
    made += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
  }
  return made;
}

std::filesystem::path free_name(const std::filesystem::path& folder, const std::string& stem) {
  std::filesystem::path path = folder / (stem + ".csv");
  for (int next = 2; std::filesystem::exists(path); ++next) {
    path = folder / fmt::format("{}-{}.csv", stem, next);
  }
  return path;
}

}  // namespace

void write_evidence(std::ostream& out, const EvidenceTitle& title, const std::vector<CycleState>& cycles) {
  const std::size_t joints = joints_of(cycles);
  Line line;
  fmt::format_to(std::back_inserter(line),
                 "# takt evidence {}\n# arm: {}\n# fault: {}\n# fault_stamp_ns: {}\n# written: {}\n", kVersion,
                 title.arm, control::describe(title.fault), title.fault.stamp_ns,
                 utc(title.wall_ns, "%Y-%m-%dT%H:%M:%SZ"));
  for (const CycleColumn& column : kCycleColumns) {
    fmt::format_to(std::back_inserter(line), "{},", column.name);
  }
  for (const JointColumn& column : kJointColumns) {
    for (std::size_t i = 1; i <= joints; ++i) {
      fmt::format_to(std::back_inserter(line), "{}{}_{},", column.name, i, column.unit);
    }
  }
  line.data()[line.size() - 1] = '\n';
  for (const CycleState& cycle : cycles) {
    write_row(line, cycle, joints);
    out.write(line.data(), static_cast<std::streamsize>(line.size()));
    line.clear();
  }
  out.write(line.data(), static_cast<std::streamsize>(line.size()));  // the header, when there were no cycles
}

std::filesystem::path save_evidence(const std::filesystem::path& folder, const EvidenceTitle& title,
                                    const std::vector<CycleState>& cycles) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    throw SystemError("cannot make the evidence folder " + folder.string(), failed.value());
  }
  const std::string stem = fmt::format("takt-{}-{}-{}", as_file_name(title.arm), utc(title.wall_ns, "%Y%m%dT%H%M%SZ"),
                                       as_file_name(control::to_text(title.fault.fault)));
  const std::filesystem::path path = free_name(folder, stem);
  const std::filesystem::path unfinished = path.string() + ".part";  // no FileReplacement: requests wait for this,
                                                                     // and must not wait for the disk as well
  errno = 0;
  {
    std::ofstream out(unfinished);
    write_evidence(out, title, cycles);
    out.flush();
    if (!out) {
      const int error = errno;
      std::filesystem::remove(unfinished, failed);
      throw SystemError("cannot write the evidence file " + path.string(), error);
    }
  }
  std::filesystem::rename(unfinished, path, failed);
  if (failed) {
    throw SystemError("cannot write the evidence file " + path.string(), failed.value());
  }
  return path;
}

}  // namespace takt::controller
