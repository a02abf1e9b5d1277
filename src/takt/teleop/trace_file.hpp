#pragma once

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "takt/teleop/hop_trace.hpp"

namespace takt::teleop {

/// Writes commands as Chrome/Perfetto trace JSON ("JSON Array Format" of the Trace Event Format): each hop is a
/// complete event on the thread that stamped it, named by the hop that ends it, with the command's trace id.
/// docs/formats/trace.md.
///
/// The file is readable after every flush, also when the process dies: the format allows the closing bracket to be
/// missing.
class TraceFile {
 public:
  /// @throws SystemError when the file cannot be made.
  explicit TraceFile(const std::filesystem::path& path);
  ~TraceFile();
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  /// Appends commands of the follower `robot`. @throws SystemError when the disk does not take them.
  void write(const std::string& robot, const std::vector<TracedCommand>& commands);

 private:
  void write_event(const std::string& text);
  void name_thread(std::uint32_t thread);

  std::filesystem::path path_;
  std::ofstream out_;
  std::set<std::uint32_t> named_threads_;
  bool first_{true};
};

}  // namespace takt::teleop
