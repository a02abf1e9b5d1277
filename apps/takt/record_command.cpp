#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/bus/bus.hpp"
#include "takt/core/error.hpp"
#include "takt/messages/enum_name.hpp"
#include "takt/registry/robots.hpp"
#include "takt/teleop/config.hpp"
#include "takt/teleop/config_text.hpp"
#include "takt/teleop/recording/episode_keys.hpp"
#include "takt/teleop/recording/teleop_recording.hpp"
#include "takt/teleop/session.hpp"
#include "takt/trajectory/recorder/recorder.hpp"

#include "commands.hpp"
#include "interrupt.hpp"
#include "removed_unless_begun.hpp"
#include "teleop_options.hpp"
#include "teleop_run.hpp"
#include "terminal_keys.hpp"

// takt record: takt teleop, and all of it into a file.
namespace takt::app {
namespace {

using teleop::recording::EpisodeKeys;
using teleop::recording::TeleopRecording;
using trajectory::mcap::Compression;
using trajectory::recorder::Recorder;
using trajectory::recorder::RecorderOptions;
using trajectory::recorder::RecorderState;

struct RecordOptions {
  TeleopOptions teleop;
  std::string output;
  std::string task;
  Compression compression{Compression::kZstd};
  bool fsync{false};
};

/// One recorded teleoperation, as its operator sees it.
class RecordedRun {
 public:
  RecordedRun(TeleopRecording& recording, const RecordOptions& options, bool quiet)
      : recording_(recording), keys_(recording.recorder(), options.task), quiet_(quiet) {
    if (terminal_.available()) {
      said_ = EpisodeKeys::help();
    } else {
      keys_.press('s');  // nobody divides it: it is one episode from its begin to its end
    }
  }

  /// At each poll of the session; false when the operator has enough.
  bool poll(const teleop::SessionProgress& progress) {
    recording_.poll();
    for (const char key : terminal_.pressed()) {
      said_ = keys_.press(key);
    }
    const RecorderState state = recording_.recorder().state();
    tell_fault(state);
    if (line_.due() && !quiet_) {
      LiveLine::show(text_of(progress, state));
    }
    return !keys_.quit();
  }

 private:
  /// Once, when it happens: the operator may want to end, or may not.
  void tell_fault(const RecorderState& state) {
    if (!state.fault.empty() && !fault_told_) {
      LiveLine::leave();
      fmt::print(stderr, "takt: {}; the robots go on, nothing more is recorded\n", state.fault);
      fault_told_ = true;
    }
  }

  [[nodiscard]] std::string text_of(const teleop::SessionProgress& progress, const RecorderState& state) const {
    const std::string episode = state.episode == 0 ? "no episode" : fmt::format("episode {}", state.episode);
    return fmt::format("{:6.1f} s  {:<9} {:<11} {:9} frames  {:6} dropped  {:7.1f} MB  {}", progress.elapsed_s,
                       messages::enum_name(progress.phase).view(), fault_told_ ? "NO FILE" : episode,
                       recording_.frames(), state.dropped, static_cast<double>(state.bytes) * 1e-6, said_);
  }

  TeleopRecording& recording_;
  TerminalKeys terminal_;
  EpisodeKeys keys_;
  LiveLine line_;
  std::string said_;
  bool quiet_;
  bool fault_told_{false};
};

/// What the operator has now.
void show_summary(const std::string& path, std::uint64_t frames, const RecorderState& state) {
  LiveLine::leave();
  fmt::print("{}: {} episode{}, {} frames, {} dropped, {:.1f} MB\n", path, state.episodes,
             state.episodes == 1 ? "" : "s", frames, state.dropped, static_cast<double>(state.bytes) * 1e-6);
  const char* const why =
      state.fault.empty() ? "they could not be kept in time" : "the recording ended, or they could not be kept in time";
  for (const auto& [topic, dropped] : state.dropped_of) {
    fmt::print("  {} of {} were dropped: {}\n", dropped, topic, why);
  }
}

teleop::TeleopConfig checked_config(const RecordOptions& options) {
  teleop::TeleopConfig config = config_of(options.teleop);
  require_outputs(config, {{.option = "--output", .path = options.output}});
  std::error_code ignored;
  if (std::filesystem::exists(options.output, ignored)) {
    throw ConfigError("--output", 0, "", "'" + options.output + "' is there already: take another name, or remove it");
  }
  return config;
}

std::unique_ptr<Recorder> make_recorder(const RecordOptions& options, const teleop::TeleopConfig& config) {
  RecorderOptions how;
  how.configuration = teleop::to_toml(config);
  how.compression = options.compression;
  how.fsync = options.fsync;
  return std::make_unique<Recorder>(options.output, std::move(how));
}

/// Whatever is thrown, the arms rest before the file is closed: a disk may take its time.
class RestsFirst {
 public:
  explicit RestsFirst(teleop::Session& session) noexcept : session_(session) {}
  ~RestsFirst() { session_.rest(); }
  RestsFirst(const RestsFirst&) = delete;
  RestsFirst& operator=(const RestsFirst&) = delete;

 private:
  teleop::Session& session_;
};

int run_record(const RecordOptions& options) {
  const teleop::TeleopConfig config = checked_config(options);
  registry::Robots robots;
  std::shared_ptr<bus::Bus> network = open_network(config);
  catch_interrupts();
  teleop::Session session(config, robots);
  std::unique_ptr<Recorder> recorder = make_recorder(options, config);
  RemovedUnlessBegun file(options.output);
  TeleopRecording recording(session.orchestrator(), std::move(recorder));
  const RestsFirst rests_first(session);
  int code = 0;
  {
    RecordedRun run(recording, options, config.quiet);
    session.start();
    file.begun = true;
    code = follow_to_the_end(session, config.quiet, std::move(network),
                             [&run](const auto& progress) { return run.poll(progress); });
  }
  session.rest();  // a leader that hangs must not keep the file from being closed
  const std::uint64_t frames = recording.frames();
  recording.close();
  const RecorderState state = recording.recorder().state();
  code = finish_session(session, config, code);
  if (!config.quiet) {
    show_summary(options.output, frames, state);
  }
  if (!state.fault.empty()) {
    fmt::print(stderr, "takt: {}; what was written before is good\n", state.fault);
  }
  return state.fault.empty() ? code : 1;
}

}  // namespace

Command add_record(CLI::App& app) {
  const auto options = std::make_shared<RecordOptions>();
  add_teleop_options(app, options->teleop);
  app.add_option("-o,--output", options->output, "the recording; must not be there yet")
      ->type_name("FILE.mcap")
      ->required();
  app.add_option("--task", options->task, "what the robot does, in words; of every episode");
  app.add_option("--compression", options->compression, "none, lz4 or zstd (default)")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Compression>{
          {"none", Compression::kNone}, {"lz4", Compression::kLz4}, {"zstd", Compression::kZstd}}));
  app.add_flag("--fsync", options->fsync, "what was recorded survives the loss of power too, not only a kill");
  app.footer(std::string("On a terminal: ") + EpisodeKeys::help() +
             ".\nWithout one the run is one episode. Killed at any moment, the file keeps all but the last 0.2 s.");
  return [options] { return run_record(*options); };
}

}  // namespace takt::app
