#pragma once

#include <cstdio>
#include <string>

#include <sys/types.h>

#include "measure.hpp"

namespace takt::bench {

/// A program of bench/peers with --serve as a child process: idle, waiting for input, but while run() asks it to work.
/// It answers a line "QUESTION COUNT" with {"count": COUNT, "p50_us": …, "p99_us": …}, and "max_us" after them if it
/// likes. A resource.
class PythonPeer {
 public:
  /// @throws SystemError when there is no python3.
  explicit PythonPeer(const std::string& script);
  ~PythonPeer();
  PythonPeer(const PythonPeer&) = delete;
  PythonPeer& operator=(const PythonPeer&) = delete;

  /// @param question  a word of the peer's, empty for a peer that knows only one
  /// @param count     of how many samples. @throws SystemError when the peer ends or answers nonsense.
  [[nodiscard]] Latency run(const std::string& question, int count);

 private:
  pid_t pid_{-1};
  std::FILE* to_{nullptr};
  std::FILE* from_{nullptr};
};

}  // namespace takt::bench
