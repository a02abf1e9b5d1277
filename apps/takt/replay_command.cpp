#include <cstdio>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/time.hpp"
#include "takt/messages/enum_name.hpp"
#include "takt/teleop/replay/twin_commands.hpp"

#include "commands.hpp"
#include "interrupt.hpp"
#include "replay_player.hpp"
#include "robot_bus.hpp"
#include "traj/shelf.hpp"

namespace takt::app {
namespace {

namespace replay = teleop::replay;
using replay::CommandAction;
using replay::ReplayStatus;
using replay::SequencePart;

constexpr core::Nanoseconds kPoll_ns = 50'000'000;

struct ReplayOptions {
  std::vector<std::string> trajectories;
  traj::Reading reading;
  std::optional<std::string> arm;
  std::optional<std::string> robot;
  std::optional<std::string> library;
  std::optional<std::string> output;
  std::string name{"follower"};
  bool loop{false};
  double speed{1.0};
  std::optional<double> from_s;
  std::optional<double> to_s;
  bool stretch{false};
  bool dry_run{false};
  double lease_s{1.0};
  bool insecure{false};
  bool quiet{false};
};

// --- what is asked --------------------------------------------------------------------------------------------------

void require(bool right, const char* option, const std::string& what) {
  if (!right) {
    throw ConfigError(option, 0, "", what);
  }
}

void check(const ReplayOptions& options) {
  require(options.arm.has_value() != options.robot.has_value(), "takt replay",
          "wants either --arm URI, to play here, or --robot BUS, to play where the robot is served");
  require(options.arm || !options.dry_run, "--dry-run", "is for --arm: who serves a robot proves what it plays anyway");
  require(options.arm || !options.output, "-o", "is for --arm: record where the robot is served");
  require(!options.dry_run || !options.output, "-o", "has nothing to record of a --dry-run");
  require(options.speed != 0.0, "--speed", "0 would not move; below 0 is backwards");
  require(options.lease_s >= 0.1 && options.lease_s <= 10.0, "--lease", "must be from 0.1 to 10 s");
}

/// Files, and names where there is a library here, are read and sent along; other names are of the owner's library.
std::vector<SequencePart> parts(const ReplayOptions& options) {
  replay::TrajectoryShelf here;
  std::vector<SequencePart> parts;
  for (const std::string& said : options.trajectories) {
    if (options.library && !here.load && !traj::is_file(said)) {
      here = traj::open_shelf(*options.library, false);
    }
    if (traj::is_file(said) || here.load) {
      const auto read = traj::is_file(said) ? traj::load_file(said, options.reading) : here.load(said);
      parts.push_back({.name = read.info().name, .shipped = replay::to_columns(read)});
    } else {
      require(
          options.robot.has_value(), "takt replay",
          "'" + said + "' is no file, which ends in .csv or .mcap or is a LeRobot dataset; a name is of a --library");
      parts.push_back({.name = said, .shipped = {}});
    }
  }
  return parts;
}

replay::Command trigger(const ReplayOptions& options) {
  replay::Command command{.action = CommandAction::kTriggerReplay, .params = {}};
  command.params.trajectories = parts(options);
  command.params.loop = options.loop;
  command.params.speed = options.speed;
  command.params.from_s = options.from_s;
  command.params.to_s = options.to_s;
  command.params.stretch = options.stretch;
  return command;
}

// --- the loop -------------------------------------------------------------------------------------------------------

void show(const ReplayStatus& status) {
  const replay::TwinStatus& twin = status.twin;
  const char* lead = isatty(STDOUT_FILENO) != 0 ? "\r\x1b[K" : "";
  const char* end = isatty(STDOUT_FILENO) != 0 ? "" : "\n";
  fmt::print("{}{:6.1f} s of {:.1f}  {:<11} frame {} of {}{}{}", lead, twin.playhead_s, twin.length_s,
             messages::enum_name(twin.phase).view(), twin.frame, twin.frames,
             twin.lap != 0 ? fmt::format(", lap {}", twin.lap) : "", end);
  std::fflush(stdout);
}

void stop(Player& player) {
  const auto stopped = player.commands().handle({.action = CommandAction::kStopReplay, .params = {}}, player.caller());
  if (!stopped) {
    fmt::print(stderr, "takt: {}\n", stopped.error());
  }
}

/// Until it is over, or somebody interrupts. @return how it stood then; nothing: that is not known
std::optional<ReplayStatus> follow(Player& player, bool quiet) {
  const int polls_per_line = isatty(STDOUT_FILENO) != 0 ? 2 : 20;
  std::optional<ReplayStatus> status;
  for (int i = 1; !interrupted() && player.lost().empty(); ++i) {
    status = player.status();
    if (status && !replay::is_played(status->twin.phase)) {
      break;
    }
    if (!quiet && status && i % polls_per_line == 0) {
      show(*status);
    }
    player.renew();
    core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + kPoll_ns);
  }
  return status;
}

int report(Player& player, const std::optional<ReplayStatus>& status, bool quiet) {
  if (!quiet && isatty(STDOUT_FILENO) != 0) {
    fmt::print("\n");
  }
  if (status && !quiet) {
    fmt::print("{} frames, {} of them altered by a guard, {} actions in between\n", status->twin.emitted,
               status->twin.altered, status->twin.between);
  }
  std::string wrong = player.lost();
  if (wrong.empty() && status && !interrupted()) {
    wrong = status->fault.empty() ? status->twin.left : status->fault;
  }
  if (!wrong.empty()) {
    fmt::print(stderr, "takt: it came to rest before its end: {}\n", wrong);
  }
  return wrong.empty() ? 0 : 1;
}

/// Loading takes its time: who interrupts meanwhile has stopped what it would begin.
replay::CommandResult set_out(Player& player, const replay::Command& command) {
  if (interrupted()) {
    return Unexpected<std::string>("it was interrupted");
  }
  const std::jthread watch([&player](const std::stop_token& done) {
    while (!done.stop_requested() && !interrupted()) {
      core::steady_clock().sleep_until_ns(core::monotonic_now_ns() + kPoll_ns);
    }
    if (interrupted()) {
      stop(player);
    }
  });
  return player.commands().handle(command, player.caller());
}

/// False: it was interrupted, or refused, and that was said.
bool begin(Player& player, const replay::Command& command, bool quiet) {
  const auto triggered = set_out(player, command);
  if (!triggered) {
    if (!interrupted()) {
      fmt::print(stderr, "takt: {}\n", triggered.error());
    }
    return false;
  }
  const auto* frames = std::get_if<std::uint64_t>(&*triggered);
  if (frames == nullptr) {
    stop(player);
    fmt::print(stderr, "takt: its owner does not say how many frames it plays, and was told to stop\n");
    return false;
  }
  if (!quiet) {
    fmt::print("playing {} frames; end it with Ctrl-C\n", *frames);
  }
  return true;
}

int finish(Player& player, bool quiet) {
  const auto status = follow(player, quiet);
  stop(player);
  return report(player, status, quiet);
}

// --- here, there, or not at all -------------------------------------------------------------------------------------

int play_here(const ReplayOptions& options, const replay::Command& command) {
  LocalPlayer player(*options.arm, options.name, options.output);
  if (options.dry_run) {
    return rehearse(player.twin(), command.params);
  }
  if (!begin(player, command, options.quiet)) {
    return interrupted() ? 0 : 1;
  }
  player.keep_recording();
  const int code = finish(player, options.quiet);
  const std::string fault = player.end_recording(code == 0);
  if (!fault.empty()) {
    fmt::print(stderr, "takt: the recording: {}\n", fault);
  }
  return fault.empty() ? code : 1;
}

int play_there(const ReplayOptions& options, const replay::Command& command) {
  std::shared_ptr<bus::Bus> network;
  try {
    network = open_replay_bus({*options.robot}, options.insecure, "robot");
  } catch (const ConfigError& error) {
    throw ConfigError("--robot", 0, "", error.what());
  }
  RemotePlayer player(std::move(network), options.name, options.lease_s);
  if (!begin(player, command, options.quiet)) {
    return interrupted() ? 0 : 1;
  }
  return finish(player, options.quiet);
}

int run_replay(const ReplayOptions& options) {
  check(options);
  catch_interrupts();
  const replay::Command command = trigger(options);  // what cannot be read opens no arm
  if (interrupted()) {
    return 0;
  }
  return options.arm ? play_here(options, command) : play_there(options, command);
}

void add_playing(CLI::App& app, ReplayOptions& options) {
  app.add_flag("--loop", options.loop, "again and again, with a bridge from its end to its beginning");
  app.add_option("--speed", options.speed, "of the recorded pace: 0.5 is half as fast, below 0 backwards");
  app.add_option("--from", options.from_s, "seconds of the first trajectory that are left out");
  app.add_option("--to", options.to_s, "where the last trajectory ends, in its own seconds");
  app.add_flag("--stretch", options.stretch, "slower where the arm's limits ask for it, instead of refusing");
  app.add_flag("--dry-run", options.dry_run, "load and prove, show what would be played, move nothing");
}

}  // namespace

Command add_replay(CLI::App& app) {
  const auto options = std::make_shared<ReplayOptions>();
  app.add_option("trajectories", options->trajectories,
                 "recordings (.mcap, .csv, a LeRobot dataset), or names of a library; in a row")
      ->required()
      ->type_name("TRAJECTORY");
  app.add_option("--arm", options->arm, "play here: sim:fr3 or sim:so101");
  app.add_option("--robot", options->robot,
                 "play where the robot is served (takt serve): zmq+tcp://robot:5601?key=FILE")
      ->type_name("BUS");
  app.add_option("--name", options->name, "of the robot on the bus")->capture_default_str();
  app.add_option("--library", options->library, "where names are looked up; without: with --robot, the owner's")
      ->type_name("DIR");
  app.add_option("-o,--output", options->output, "with --arm: record what was sent and read back")
      ->type_name("FILE.mcap");
  add_playing(app, *options);
  traj::add_format_options(app, options->reading);
  traj::add_choice_options(app, options->reading);
  app.add_option("--lease", options->lease_s,
                 "with --robot: it comes to rest when this program is not heard so long [s]")
      ->capture_default_str();
  app.add_flag("--insecure", options->insecure, "with --robot: the bus may be open to others");
  app.add_flag("--quiet", options->quiet, "no live line");
  return [options] { return run_replay(*options); };
}

}  // namespace takt::app
