// takt: the commands of the runtime. Exit codes: 0 done, 1 failed while running, 2 wrong usage or configuration.

#include <cstdio>
#include <exception>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/core/error.hpp"

#include "commands.hpp"

namespace {

int run(int argc, char** argv) {
  CLI::App app("takt - a runtime for robot programs", "takt");
  app.set_version_flag("--version", "takt " TAKT_VERSION);
  app.require_subcommand(1);

  takt::app::Command chosen;
  const auto choose = [&chosen](CLI::App* command, takt::app::Command run_it) {
    command->callback([&chosen, run_it = std::move(run_it)] { chosen = run_it; });
  };
  CLI::App* teleop = app.add_subcommand("teleop", "Let a leader lead a follower");
  choose(teleop, takt::app::add_teleop(*teleop));
  const auto add = [&](const char* name, const char* about, takt::app::Command (*fill)(CLI::App&)) {
    CLI::App* command = app.add_subcommand(name, about);
    choose(command, fill(*command));
  };
  add("serve", "Run an arm for other programs of this user", takt::app::add_serve);
  add("status", "How the arms that are served stand", takt::app::add_status);
  add("move", "Send an arm somewhere", takt::app::add_move);
  add("home", "Send an arm home", takt::app::add_home);
  add("halt", "Bring an arm to rest and hold it; who commanded it does so no longer", takt::app::add_halt);
  add("stop", "Halt an arm, close its brakes and end its server", takt::app::add_stop);
  CLI::App* bench = app.add_subcommand("bench", "Measure on this machine");
  bench->require_subcommand(1);
  CLI::App* delivery = bench->add_subcommand("delivery", "What a queue between a leader and a follower costs");
  choose(delivery, takt::app::add_bench_delivery(*delivery));
  CLI::App* rt = bench->add_subcommand("rt", "What this host can promise to a 1 kHz cycle, and what to change");
  choose(rt, takt::app::add_bench_rt(*rt));
  CLI::App* run_law = app.add_subcommand("run-law", "Step a control law offline against a model of an arm");
  choose(run_law, takt::app::add_run_law(*run_law));

  CLI::App* interface = app.add_subcommand("interface", "The types that travel between ROS programs");
  interface->require_subcommand(1);
  CLI::App* import = interface->add_subcommand("import", "Write C++ headers of .msg, .srv and .action files");
  choose(import, takt::app::add_interface_import(*import));
  CLI::App* list = interface->add_subcommand("list", "The types that takt ships");
  choose(list, takt::app::add_interface_list(*list));
  CLI::App* show = interface->add_subcommand("show", "A type that takt ships, as the file that declares it");
  choose(show, takt::app::add_interface_show(*show));

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // help or version
      return app.exit(error);
    }
    fmt::print(stderr, "takt: {}\n", error.what());
    return 2;
  }
  return chosen();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const takt::ConfigError& error) {
    fmt::print(stderr, "takt: {}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "takt: {}\n", error.what());
    return 1;
  }
}
