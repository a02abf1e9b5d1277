// What deals with a bus itself: bus keys.

#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "takt/registry/bus_keys.hpp"

#include "commands.hpp"

namespace takt::app {
namespace {

struct KeysOptions {
  std::string file;
  registry::KeyFileOptions keys;
};

}  // namespace

Command add_bus_keys(CLI::App& app) {
  const auto options = std::make_shared<KeysOptions>();
  app.add_option("FILE", options->file, "the new key file, for zmq+tcp://…?key=FILE")->required();
  auto* const server =
      app.add_option("--server", options->keys.server_key, "who connects with it: the public key of who binds")
          ->type_name("KEY");
  app.add_option("--client", options->keys.clients,
                 "who binds with it: lets in this public key; several: say it again. Default: whoever has its own")
      ->type_name("KEY")
      ->allow_extra_args(false)
      ->take_all()
      ->excludes(server);
  return [options] {
    fmt::print("{}\n", registry::make_key_file(options->file, options->keys));
    return 0;
  };
}

}  // namespace takt::app
