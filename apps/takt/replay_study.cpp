#include "replay_study.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "takt/bus/bus.hpp"
#include "takt/core/error.hpp"
#include "takt/core/time.hpp"
#include "takt/teleop/replay/remote_twin.hpp"

#include "study_arm.hpp"
#include "study_owner.hpp"

namespace takt::app {

using namespace teleop::replay;  // NOLINT(google-build-using-namespace): its words are this file's
namespace {

constexpr core::Nanoseconds kPoll_ns = 50'000'000;  // as often as takt replay looks
constexpr core::Nanoseconds kMs = 1'000'000;
constexpr core::Nanoseconds kPatience_ns = 5 * core::kNanosecondsPerSecond;
constexpr double kIdle_s = 3.0;

void sleep_for(core::Nanoseconds duration_ns) {
  core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + duration_ns);
}

double read_cpu_s(clockid_t clock) {
  timespec spent{};
  if (clock_gettime(clock, &spent) != 0) {
    throw SystemError("cannot read the CPU time of a process", errno);
  }
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9;
}

double cpu_of(pid_t process) {
  clockid_t clock = 0;
  if (clock_getcpuclockid(process, &clock) != 0) {
    throw SystemError("the owner's process of the study has ended");
  }
  return read_cpu_s(clock);
}

/// Of a process's threads whose names begin with one of these; 0 where the kernel does not count.
double cpu_of_threads(pid_t process, std::initializer_list<std::string_view> names) {
  std::uint64_t spent_ns = 0;
  for (const auto& thread : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process))) {
    std::string name;
    std::getline(std::ifstream(thread.path() / "comm"), name);
    if (std::ranges::any_of(names, [&](std::string_view begin) { return name.starts_with(begin); })) {
      std::uint64_t ran_ns = 0;
      std::ifstream(thread.path() / "schedstat") >> ran_ns;
      spent_ns += ran_ns;
    }
  }
  return static_cast<double>(spent_ns) * 1e-9;
}

/// How late each is against the even row of that period that touches the earliest of them [ms], sorted.
std::vector<double> lateness_ms(const StudyEmissions& emissions, double rate_hz) {
  const std::uint64_t count = emissions.count.load(std::memory_order_acquire);
  std::vector<double> late_ms;
  for (std::uint64_t i = 0; i < count; ++i) {
    const core::Nanoseconds since_ns = emissions.at_ns[i] - emissions.at_ns[0];
    const auto frame = static_cast<double>(emissions.frame[i]);  // a pull may have overtaken another
    late_ms.push_back(static_cast<double>(since_ns - core::from_seconds(frame / rate_hz)) * 1e-6);
  }
  std::ranges::sort(late_ms);
  const double earliest_ms = late_ms.empty() ? 0.0 : late_ms.front();
  for (double& late : late_ms) {
    late -= earliest_ms;
  }
  return late_ms;
}

}  // namespace

// --- the client -----------------------------------------------------------------------------------------------------

/// One that is new to the owner, and known to it when the constructor returns.
class ReplayStudy::Client {
 public:
  explicit Client(std::shared_ptr<bus::Transport> link) : wire_(std::make_shared<CountingTransport>(std::move(link))) {
    network_.add(wire_);
    twin_.emplace(network_, kStudyRobot, RemoteTwin::Options{.client = "study", .patience = {.timeout_s = 5.0}});
    static_cast<void>(ask({.action = CommandAction::kStatus, .params = {}}));
    wait_until("the owner does not say how it stands", [](const ReplayStatus&) { return true; });
  }

  [[nodiscard]] WireCounts wire() const { return wire_->counts(); }

  CommandValue ask(const Command& command) {
    auto result = twin_->handle(command, {});
    if (!result) {
      throw SystemError("replay study: " + result.error());
    }
    return std::move(*result);
  }
  void post(const Command& command) { static_cast<void>(twin_->post(command)); }

  /// Until the owner has said so, as a client that follows a play: it looks now and then, and shows that it is there.
  template <class Condition>
  void wait_until(const std::string& otherwise, const Condition& condition,
                  core::Nanoseconds patience_ns = kPatience_ns) {
    const core::Nanoseconds until_ns = core::monotonic_now_ns() + patience_ns;
    for (auto shown = twin_->shown(); !shown || !condition(shown->status); shown = twin_->shown()) {
      if (core::monotonic_now_ns() > until_ns) {
        throw SystemError("replay study: " + otherwise);
      }
      twin_->renew();
      sleep_for(kPoll_ns);
    }
  }

  [[nodiscard]] bool mine(const ReplayStatus& status) const { return status.played_by == twin_->router().client_id(); }
  void wait_until_ready() {
    wait_until("the arm does not come to the first frame",
               [this](const ReplayStatus& status) { return mine(status) && status.twin.phase == TwinPhase::kPaused; });
  }
  void wait_until_over(double length_s) {
    wait_until(
        "the play does not end",
        [this](const ReplayStatus& status) { return mine(status) && status.twin.phase == TwinPhase::kLoaded; },
        kPatience_ns + core::from_seconds(2.0 * length_s));
  }

  /// Or for so long.
  template <class Condition>
  void stay_until(const Condition& condition, core::Nanoseconds patience_ns = kPatience_ns) {
    const core::Nanoseconds until_ns = core::monotonic_now_ns() + patience_ns;
    while (!condition() && core::monotonic_now_ns() < until_ns) {
      twin_->renew();
      sleep_for(kMs);
    }
  }

  /// Lets each frame move the arm when it is due, and is there until the last one has.
  void pace(std::size_t frames, double rate_hz, bool answered) {
    const Command next{.action = CommandAction::kGetReplayAction, .params = {}};
    const core::Nanoseconds start_ns = core::monotonic_now_ns() + core::from_seconds(1.0 / rate_hz);
    for (std::size_t i = 0; i <= frames; ++i) {
      core::steady_clock().sleep_until_ns(start_ns + core::from_seconds(static_cast<double>(i) / rate_hz));
      if (i < frames && answered) {
        static_cast<void>(ask(next));
      } else if (i < frames) {
        post(next);
      }
    }
  }

 private:
  std::shared_ptr<CountingTransport> wire_;
  bus::Bus network_;
  std::optional<RemoteTwin> twin_;
};

// --- the study ------------------------------------------------------------------------------------------------------

std::string name_of(ReplayWay way) {
  switch (way) {
    case ReplayWay::kPush:
      return "push";
    case ReplayWay::kShip:
      return "ship once";
    case ReplayWay::kPull:
      break;
  }
  return "pull";
}

double ReplayRun::cpu_per_frame_us() const {
  return (owner_cpu_s + client_cpu_s - idle_cpu_s) * 1e6 / static_cast<double>(std::max<std::size_t>(frames, 1));
}

double ReplayRun::cpu_per_frame_beside_arm_us() const {
  return cpu_per_frame_us() -
         (moving_cpu_s - idle_moving_cpu_s) * 1e6 / static_cast<double>(std::max<std::size_t>(frames, 1));
}

double ReplayRun::late_at(double q) const {
  if (late_ms.empty()) {
    return 0.0;
  }
  const auto rank = static_cast<std::size_t>(std::llround(q * static_cast<double>(late_ms.size() - 1)));
  return late_ms[std::min(rank, late_ms.size() - 1)];
}

ReplayStudy::ReplayStudy(ReplayStudyOptions options) : options_(std::move(options)) {
  if (options_.frames < 2 || options_.frames > 100'000 || !(options_.rate_hz > 0.0 && options_.rate_hz <= 1000.0)) {
    throw LogicError("replay study: 2 to 100 000 frames, a rate of more than 0 and at most 1000 Hz");
  }
  void* const memory = mmap(nullptr, sizeof(StudyEmissions), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  std::array<int, 2> ends{};
  if (memory == MAP_FAILED || pipe(ends.data()) != 0) {
    throw SystemError("replay study: cannot share with another process", errno);
  }
  emissions_ = new (memory) StudyEmissions;
  owner_ = fork();
  if (owner_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(ends[1]);
    _exit(own_study_arm(options_, *emissions_, ends[0]));
  }
  close(ends[0]);
  life_ = ends[1];
  if (owner_ < 0) {
    close(life_);
    munmap(emissions_, sizeof(StudyEmissions));
    throw SystemError("replay study: cannot fork", errno);
  }
}

ReplayStudy::~ReplayStudy() {
  close(life_);
  waitpid(owner_, nullptr, 0);
  munmap(emissions_, sizeof(StudyEmissions));
}

/// What it takes to look at the threads is nobody's.
template <class Work>
ReplayStudy::Cpu ReplayStudy::cpu_of_work(const Work& work) const {
  const double moving_before_s = cpu_of_threads(owner_, {"pub.", "play."});
  const double owner_before_s = cpu_of(owner_);
  const double client_before_s = read_cpu_s(CLOCK_PROCESS_CPUTIME_ID);
  work();
  const double client_after_s = read_cpu_s(CLOCK_PROCESS_CPUTIME_ID);
  const double owner_after_s = cpu_of(owner_);
  return {.owner_s = owner_after_s - owner_before_s,
          .client_s = client_after_s - client_before_s,
          .moving_s = cpu_of_threads(owner_, {"pub.", "play."}) - moving_before_s};
}

ReplayStudy::Cpu ReplayStudy::idle_cpu() const {
  return cpu_of_work([] {
    for (int i = 0; i < static_cast<int>(kIdle_s / core::to_seconds(kPoll_ns)); ++i) {
      sleep_for(kPoll_ns);  // as a client that follows a play does
    }
  });
}

/// From the trigger to the arm's rest.
void ReplayStudy::play(Client& client, ReplayWay way, ReplayRun& run) const {
  const WireCounts before = client.wire();
  const CommandValue triggered = client.ask(study_trigger(way, kStudyWave));
  if (way == ReplayWay::kPush) {
    client.wait_until_over(static_cast<double>(options_.frames) / options_.rate_hz);
  } else {
    const auto* shipped = std::get_if<TrajectoryColumns>(&triggered);
    const std::size_t frames = shipped != nullptr ? shipped->t_ns.size() : std::get<std::uint64_t>(triggered);
    client.wait_until_ready();
    client.pace(frames, options_.rate_hz, way == ReplayWay::kPull);
    // A stop before the last one would leave the arm elsewhere than the next way begins.
    client.stay_until([&] { return emissions_->count.load(std::memory_order_acquire) >= frames; });
  }
  const WireCounts played = client.wire();
  run.playing = played - before;
  static_cast<void>(client.ask({.action = CommandAction::kStopReplay, .params = {}}));
  client.wait_until_over(0.0);
  run.stopping = (client.wire() - played).requests;
}

ReplayRun ReplayStudy::run(ReplayWay way) {
  Client client(options_.open(false));
  const Cpu idle = idle_cpu();
  emissions_->count.store(0, std::memory_order_release);
  ReplayRun run{.way = way};
  const core::Nanoseconds start_ns = core::monotonic_now_ns();
  const Cpu played = cpu_of_work([&] { play(client, way, run); });
  run.duration_s = core::to_seconds(core::monotonic_now_ns() - start_ns);
  run.owner_cpu_s = played.owner_s;
  run.client_cpu_s = played.client_s;
  run.moving_cpu_s = played.moving_s;
  run.idle_cpu_s = (idle.owner_s + idle.client_s) * run.duration_s / kIdle_s;
  run.idle_moving_cpu_s = idle.moving_s * run.duration_s / kIdle_s;
  run.frames = emissions_->count.load(std::memory_order_acquire);
  run.late_ms = lateness_ms(*emissions_, options_.rate_hz);
  return run;
}

double ReplayStudy::arm_ms(bool shipped) {
  Client client(options_.open(false));
  Command command = study_trigger(ReplayWay::kPush, kStudyAway);
  if (shipped) {
    command.params.trajectories.front().shipped =
        to_columns(study_wave(kStudyAway, options_.frames, options_.rate_hz, kStudyAway_rad));
  }
  const core::Nanoseconds start_ns = core::monotonic_now_ns();
  static_cast<void>(client.ask(command));
  const core::Nanoseconds answered_ns = core::monotonic_now_ns();
  static_cast<void>(client.ask({.action = CommandAction::kStopReplay, .params = {}}));
  client.wait_until_over(0.0);
  return static_cast<double>(answered_ns - start_ns) * 1e-6;
}

}  // namespace takt::app
