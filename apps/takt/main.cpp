// takt: the commands of the runtime. Exit codes: 0 done, 1 failed while running, 2 wrong usage or configuration.

#include <csignal>
#include <cstdio>
#include <exception>
#include <initializer_list>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/core/error.hpp"

#include "commands.hpp"

namespace {

struct Named {
  const char* name;
  const char* about;
  takt::app::Command (*fill)(CLI::App&);
};

/// Parsing leaves in `chosen` what runs the command that was given.
void add(CLI::App& parent, takt::app::Command& chosen, std::initializer_list<Named> commands) {
  for (const Named& one : commands) {
    CLI::App* command = parent.add_subcommand(one.name, one.about);
    command->callback([&chosen, run_it = one.fill(*command)] { chosen = run_it; });
  }
}

CLI::App& add_group(CLI::App& app, const char* name, const char* about) {
  CLI::App* group = app.add_subcommand(name, about);
  group->require_subcommand(1);
  return *group;
}

/// What ROS programs and takt's have between them.
void add_bus_commands(CLI::App& app, takt::app::Command& chosen) {
  using namespace takt::app;  // NOLINT(google-build-using-namespace): a table of its functions
  add(add_group(app, "topic", "What is published, and publishing"), chosen,
      {{"list", "The topics there are", add_topic_list},
       {"info", "Who publishes a topic, who subscribes to it", add_topic_info},
       {"echo", "Show the messages of a topic", add_topic_echo},
       {"pub", "Publish messages", add_topic_pub},
       {"hz", "How often messages come", add_topic_hz},
       {"delay", "How old messages are when they come, by the stamp in their header", add_topic_delay}});
  add(add_group(app, "node", "Who is on a bus"), chosen,
      {{"list", "The nodes there are", add_node_list}, {"info", "What a node has", add_node_info}});
  add(add_group(app, "service", "What can be called, and calling"), chosen,
      {{"list", "The services there are", add_service_list}, {"call", "Call a service", add_service_call}});
  add(add_group(app, "action", "Work that takes time, and having it done"), chosen,
      {{"list", "The actions there are", add_action_list},
       {"send-goal", "Have something done; Ctrl-C cancels it", add_action_send_goal}});
  add(add_group(app, "param", "The parameters of nodes"), chosen,
      {{"list", "The parameters that nodes have", add_param_list},
       {"get", "What a parameter is", add_param_get},
       {"set", "Set a parameter", add_param_set},
       {"dump", "All parameters of a node, as a parameter file", add_param_dump},
       {"load", "Set what a parameter file has for a node", add_param_load}});
  add(add_group(app, "bus", "What carries all that between programs"), chosen,
      {{"keys", "Make the keys of an encrypted bus, and show the public one", add_bus_keys}});
  add(add_group(app, "interface", "The types that travel between ROS programs"), chosen,
      {{"import", "Write C++ headers of .msg, .srv and .action files", add_interface_import},
       {"list", "The types that takt ships", add_interface_list},
       {"show", "A type that takt ships, as the file that declares it", add_interface_show}});
}

/// What is done with recorded motions.
void add_trajectory_commands(CLI::App& app, takt::app::Command& chosen) {
  using namespace takt::app;  // NOLINT(google-build-using-namespace): a table of its functions
  add(add_group(app, "traj", "Recorded motions: look at them, edit them, bring them in and out"), chosen,
      {{"list", "The entries of a library", add_traj_list},
       {"info", "What a trajectory is, and whether an arm can do it", add_traj_info},
       {"trim", "Keep a part", add_traj_trim},
       {"cut", "Take a part out", add_traj_cut},
       {"join", "Make one of several, with jerk-limited bridges between them", add_traj_join},
       {"smooth", "Take noise away", add_traj_smooth},
       {"retime", "Other times, the same way", add_traj_retime},
       {"import", "Into a library, of CSV, MCAP or a LeRobot dataset", add_traj_import},
       {"export", "Into CSV, MCAP or a LeRobot dataset", add_traj_export},
       {"plot", "Draw a replayed trajectory over its recording", add_traj_plot},
       {"repair", "Make a whole recording of one that ends anywhere; exits 3 when something was lost",
        add_traj_repair}});
}

void add_all(CLI::App& app, takt::app::Command& chosen) {
  using namespace takt::app;  // NOLINT(google-build-using-namespace): a table of its functions
  add(app, chosen,
      {{"teleop", "Let a leader lead a follower", add_teleop},
       {"replay", "Play recorded trajectories on an arm, here or where it is served", add_replay},
       {"record", "Let a leader lead a follower, and record all of it", add_record},
       {"serve", "Run an arm for other programs of this user", add_serve},
       {"status", "How the arms that are served stand", add_status},
       {"move", "Send an arm somewhere", add_move},
       {"home", "Send an arm home", add_home},
       {"halt", "Bring an arm to rest and hold it; who commanded it does so no longer", add_halt},
       {"stop", "Halt an arm, close its brakes and end its server", add_stop}});
  add(add_group(app, "bench", "Measure on this machine"), chosen,
      {{"delivery", "What a queue between a leader and a follower costs", add_bench_delivery},
       {"replay", "What it costs to pull, ship or push the frames of a replay", add_bench_replay},
       {"rt", "What this host can promise to a 1 kHz cycle, and what to change", add_bench_rt}});
  add(app, chosen, {{"run-law", "Step a control law offline against a model of an arm", add_run_law}});
  add_trajectory_commands(app, chosen);
  add_bus_commands(app, chosen);
}

int run(int argc, char** argv) {
  CLI::App app("takt - a runtime for robot programs", "takt");
  app.set_version_flag("--version", "takt " TAKT_VERSION);
  app.require_subcommand(1);

  takt::app::Command chosen;
  add_all(app, chosen);

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
  std::signal(SIGXFSZ, SIG_IGN);  // a limit of a file's size fails the write, as a full disk does, and not the program
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
