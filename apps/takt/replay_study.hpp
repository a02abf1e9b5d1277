#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "takt/bus/transport.hpp"
#include "takt/teleop/replay/command.hpp"

#include "counting_transport.hpp"

namespace takt::app {

struct StudyEmissions;

/// How the three ways by which frames come to move a robot are compared.
struct ReplayStudyOptions {
  std::size_t frames{300};  ///< of the recording that is played, 2 … 100 000
  double rate_hz{30.0};     ///< its pace; of the client that paces, too

  /// The link between the two processes: binds for the owner (true), connects for the client.
  std::function<std::shared_ptr<bus::Transport>(bool owner)> open{};
};

/// One play from the request that triggers it to the arm's rest.
struct ReplayRun {
  teleop::replay::ReplayWay way{teleop::replay::ReplayWay::kPush};
  std::size_t frames{0};      ///< that moved the arm
  WireCounts playing{};       ///< from the trigger until the last frame was out
  std::uint64_t stopping{0};  ///< requests after that
  double duration_s{0.0};
  double owner_cpu_s{0.0};  ///< of the whole process; client_cpu_s likewise
  double client_cpu_s{0.0};
  double idle_cpu_s{0.0};         ///< what both take in as much time while nothing is played, measured before
  double moving_cpu_s{0.0};       ///< of owner_cpu_s: its threads pub.* and play.*, which move the arm
  double idle_moving_cpu_s{0.0};  ///< of idle_cpu_s likewise
  std::vector<double> late_ms{};  ///< of each frame, sorted: behind the even row that the earliest of them stands on

  /// Of both processes, beyond what they take idle [µs].
  [[nodiscard]] double cpu_per_frame_us() const;
  /// The same without the threads pub.* and play.*, which move the arm, and keep the pace of a push, but not that of
  /// the other ways. May be 0 or less, as what is idle is estimated.
  [[nodiscard]] double cpu_per_frame_beside_arm_us() const;
  /// Quantile of late_ms.
  [[nodiscard]] double late_at(double q) const;
};

/// "pull", "ship once", "push".
[[nodiscard]] std::string name_of(teleop::replay::ReplayWay way);

/// A robot's owner in a process of its own, with an arm that costs nothing (study_arm.hpp), and a client in this one,
/// in real time. The owner has the recordings by name. A resource; one thread.
class ReplayStudy {
 public:
  /// Forks: before this process has a second thread. @throws LogicError for options out of range; SystemError
  explicit ReplayStudy(ReplayStudyOptions options);
  /// The owner's process ends.
  ~ReplayStudy();
  ReplayStudy(const ReplayStudy&) = delete;
  ReplayStudy& operator=(const ReplayStudy&) = delete;

  /// Plays the recording once, by a new client. Pull and ship: the client keeps the recorded pace.
  /// @throws SystemError saying what was refused, or that the owner is not heard
  [[nodiscard]] ReplayRun run(teleop::replay::ReplayWay way);

  /// How long a trigger takes until it is answered [ms]: another recording of as many frames, from which the arm stands
  /// 0.2 rad away, so that there is a bridge; stopped at once. @param shipped  it comes with the request, else by name
  [[nodiscard]] double arm_ms(bool shipped);

 private:
  class Client;

  /// CPU time [s].
  struct Cpu {
    double owner_s{0.0};
    double client_s{0.0};
    double moving_s{0.0};  ///< of owner_s
  };
  /// Of `work`, which is called once.
  template <class Work>
  [[nodiscard]] Cpu cpu_of_work(const Work& work) const;
  /// Of both processes in kIdle_s.
  [[nodiscard]] Cpu idle_cpu() const;
  void play(Client& client, teleop::replay::ReplayWay way, ReplayRun& run) const;

  ReplayStudyOptions options_;
  StudyEmissions* emissions_{nullptr};  // shared with the owner's process
  pid_t owner_{-1};
  int life_{-1};  // the owner's process ends when this closes
};

}  // namespace takt::app
