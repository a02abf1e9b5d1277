#include <memory>
#include <utility>

#include <CLI/CLI.hpp>

#include "takt/bus/bus.hpp"
#include "takt/registry/robots.hpp"
#include "takt/teleop/config.hpp"
#include "takt/teleop/session.hpp"

#include "commands.hpp"
#include "interrupt.hpp"
#include "teleop_options.hpp"
#include "teleop_run.hpp"

namespace takt::app {
namespace {

int run_teleop(const TeleopOptions& options) {
  const teleop::TeleopConfig config = config_of(options);
  require_outputs(config);
  registry::Robots robots;
  std::shared_ptr<bus::Bus> network = open_network(config);
  catch_interrupts();
  teleop::Session session(config, robots);
  session.start();
  LiveLine line;
  const int code = follow_to_the_end(session, config.quiet, std::move(network), [&](const auto& progress) {
    if (line.due() && !config.quiet) {
      LiveLine::show(progress_text(progress));
    }
    return true;
  });
  session.rest();  // a leader that hangs must not keep the report from being written
  return finish_session(session, config, code);
}

}  // namespace

Command add_teleop(CLI::App& app) {
  const auto options = std::make_shared<TeleopOptions>();
  add_teleop_options(app, *options);
  return [options] { return run_teleop(*options); };
}

}  // namespace takt::app
