#pragma once

#include <functional>

namespace CLI {
class App;
}

/// The commands of `takt`. Each adds itself to the command line and returns what runs it: an exit code, 0 done, 1
/// failed while running. What is wrong with the user's input throws ConfigError, which `main` turns into exit code 2.
namespace takt::app {

using Command = std::function<int()>;

Command add_teleop(CLI::App& app);
Command add_record(CLI::App& app);
Command add_serve(CLI::App& app);
Command add_status(CLI::App& app);
Command add_move(CLI::App& app);
Command add_home(CLI::App& app);
Command add_halt(CLI::App& app);
Command add_stop(CLI::App& app);
Command add_bench_delivery(CLI::App& bench);
Command add_bench_replay(CLI::App& bench);
Command add_bench_rt(CLI::App& bench);
Command add_replay(CLI::App& app);
Command add_run_law(CLI::App& app);
Command add_action_list(CLI::App& action);
Command add_action_send_goal(CLI::App& action);
Command add_bus_keys(CLI::App& bus);
Command add_interface_import(CLI::App& interface);
Command add_interface_list(CLI::App& interface);
Command add_interface_show(CLI::App& interface);
Command add_node_info(CLI::App& node);
Command add_node_list(CLI::App& node);
Command add_param_dump(CLI::App& param);
Command add_param_get(CLI::App& param);
Command add_param_list(CLI::App& param);
Command add_param_load(CLI::App& param);
Command add_param_set(CLI::App& param);
Command add_service_call(CLI::App& service);
Command add_service_list(CLI::App& service);
Command add_topic_delay(CLI::App& topic);
Command add_topic_echo(CLI::App& topic);
Command add_topic_hz(CLI::App& topic);
Command add_topic_info(CLI::App& topic);
Command add_topic_list(CLI::App& topic);
Command add_topic_pub(CLI::App& topic);
Command add_traj_cut(CLI::App& traj);
Command add_traj_export(CLI::App& traj);
Command add_traj_import(CLI::App& traj);
Command add_traj_info(CLI::App& traj);
Command add_traj_join(CLI::App& traj);
Command add_traj_list(CLI::App& traj);
Command add_traj_plot(CLI::App& traj);
Command add_traj_repair(CLI::App& traj);
Command add_traj_retime(CLI::App& traj);
Command add_traj_smooth(CLI::App& traj);
Command add_traj_trim(CLI::App& traj);

}  // namespace takt::app
