#pragma once

#include <cstdio>
#include <string>

#include <sys/types.h>

namespace takt::bench {

/// bench/peers/local_teleop.py --serve as a child process: idle, waiting for input, but while run() asks it to work. A
/// resource.
class PythonPeer {
 public:
  /// @throws SystemError when there is no python3.
  explicit PythonPeer(const std::string& script);
  ~PythonPeer();
  PythonPeer(const PythonPeer&) = delete;
  PythonPeer& operator=(const PythonPeer&) = delete;

  struct Latency {
    double p50_us{0};
    double p99_us{0};
  };
  /// Runs that many commands, back to back. @throws SystemError when the peer ends or answers nonsense.
  [[nodiscard]] Latency run(int commands);

 private:
  pid_t pid_{-1};
  std::FILE* to_{nullptr};
  std::FILE* from_{nullptr};
};

}  // namespace takt::bench
