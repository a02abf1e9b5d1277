// takt topic echo: the messages of a topic, as they come.

#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "../commands.hpp"
#include "topic_commands.hpp"
#include "yaml_text.hpp"

namespace takt::app {
namespace {

struct EchoOptions {
  ListenOptions listen;
  bool once{false};
};

bool show(const messages::DynamicType& type, const RawMessage& message, bool json) {
  const auto text = type.json_from_cdr(message.bytes);
  if (!text) {
    fmt::print(stderr, "takt: a message that is no {}: {}\n", type.name(), text.error().text());
  } else if (json) {
    fmt::print("{}\n", *text);
  } else {
    fmt::print("{}---\n", yaml_text(*text));
  }
  std::fflush(stdout);
  return true;
}

int echo(EchoOptions options) {
  if (options.once) {
    options.listen.count = 1;
  }
  const bool json = options.listen.bus.json;
  return run_listening(options.listen, [json](const messages::DynamicType& type, const RawMessage& message) {
    return show(type, message, json);
  });
}

}  // namespace

Command add_topic_echo(CLI::App& app) {
  const auto options = std::make_shared<EchoOptions>();
  add_listen_options(app, options->listen);
  app.add_flag("--once", options->once, "end after one message");
  return [options] { return echo(*options); };
}

}  // namespace takt::app
