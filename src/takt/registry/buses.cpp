#include "takt/registry/buses.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "takt/async/offload.hpp"
#include "takt/registry/bus_uri.hpp"
#include "takt/transports/udp/udp_transport.hpp"
#if TAKT_HAS_DDS
#include "takt/transports/dds/dds_transport.hpp"
#endif
#if TAKT_HAS_ZMQ
#include "takt/registry/internal/key_file.hpp"
#include "takt/transports/zmq/zmq_transport.hpp"
#endif

// Reading a URI makes a Plan of it, which checks everything that can be checked without opening anything.
namespace takt::registry {
namespace {

struct Plan {
  std::optional<Strangers> strangers;
  std::function<std::shared_ptr<bus::Transport>()> open;
};

constexpr const char* kEveryUser = "every user of this host";
constexpr const char* kNetwork = "everybody who reaches this network";

std::string in_quotes(std::string_view text) {
  return "'" + std::string(text) + "'";
}

/// The options of a URI, each asked for by its name; finish() refuses those that nobody asked for.
class Options {
 public:
  explicit Options(const BusUri& uri) : uri_(uri), left_(uri.options) {}

  /// @return nothing when it is not said
  [[nodiscard]] std::optional<std::string> text(const std::string& name) {
    const auto found = left_.extract(name);
    if (found && found.mapped().empty()) {
      refuse_bus_uri(uri_.text, "the option " + in_quotes(name) + " has no value");
    }
    return found ? std::optional(found.mapped()) : std::nullopt;
  }
  /// True when it is said, which it is without a value.
  [[nodiscard]] bool flag(const std::string& name) {
    const auto found = left_.extract(name);
    if (found && !found.mapped().empty()) {
      refuse_bus_uri(uri_.text, "the option " + in_quotes(name) + " takes no value");
    }
    return static_cast<bool>(found);
  }
  [[nodiscard]] std::optional<std::uint32_t> number(const std::string& name, std::uint32_t most) {
    const auto said = text(name);
    if (!said) {
      return std::nullopt;
    }
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(said->data(), said->data() + said->size(), value);
    if (error != std::errc{} || end != said->data() + said->size() || value > most) {
      refuse_bus_uri(uri_.text, name + ": " + in_quotes(*said) + " is no number from 0 to " + std::to_string(most));
    }
    return value;
  }
  void finish(const char* known) const {
    if (!left_.empty()) {
      refuse_bus_uri(uri_.text,
                     in_quotes(left_.begin()->first) + " is no option of " + uri_.scheme + ": want " + known);
    }
  }

 private:
  const BusUri& uri_;
  std::map<std::string, std::string> left_;
};

void refuse_place(const BusUri& uri, std::string_view part, const char* name) {
  if (!part.empty()) {
    refuse_bus_uri(uri.text, uri.scheme + " has no " + name + ", not " + in_quotes(part));
  }
}

/// Host and port of a URI that has both and no path. @param most  the highest port
std::uint16_t require_host_and_port(const BusUri& uri, std::uint16_t most) {
  refuse_place(uri, uri.path, "path");
  if (uri.host.empty() || !uri.port || *uri.port == 0 || *uri.port > most) {
    refuse_bus_uri(uri.text, "want " + uri.scheme + "://host:port, the port 1 to " + std::to_string(most));
  }
  if (uri.host.contains(':')) {
    refuse_bus_uri(uri.text, in_quotes(uri.host) + ": " + uri.scheme + " speaks IPv4");
  }
  return *uri.port;
}

#if TAKT_HAS_DDS
dds::DiscoveryRange range_of(const BusUri& uri, std::string_view range) {
  if (range == "localhost") {
    return dds::DiscoveryRange::kLocalhost;
  }
  if (range == "subnet") {
    return dds::DiscoveryRange::kSubnet;
  }
  if (range == "off") {
    return dds::DiscoveryRange::kOff;
  }
  refuse_bus_uri(uri.text, "range: " + in_quotes(range) + " is none of localhost, subnet, off");
}

std::vector<std::string> list_of(const BusUri& uri, std::string_view text) {
  std::vector<std::string> parts;
  for (bool more = true; more;) {
    const std::size_t end = text.find(',');
    more = end != std::string_view::npos;
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(more ? end + 1 : 0);
    if (parts.back().empty()) {
      refuse_bus_uri(uri.text, "peers: one has no name");
    }
  }
  return parts;
}

Plan plan_dds(const BusUri& uri) {
  constexpr std::uint32_t kMostDomain = 232;
  refuse_place(uri, uri.host, "host");
  refuse_place(uri, uri.port ? std::to_string(*uri.port) : "", "port");
  refuse_place(uri, uri.path, "path");
  dds::DdsOptions made = dds::DdsOptions::from_environment();
  Options options(uri);
  made.domain = options.number("domain", kMostDomain).value_or(made.domain);
  if (const auto range = options.text("range")) {
    made.discovery = range_of(uri, *range);
  }
  if (const auto peers = options.text("peers")) {
    made.static_peers = list_of(uri, *peers);
  }
  options.finish("domain, range, peers");
  const bool on_network =
      made.discovery == dds::DiscoveryRange::kSubnet || !made.static_peers.empty() || !made.cyclone_config.empty();
  return {.strangers = Strangers{.who = on_network ? kNetwork : kEveryUser, .remedy = {}},
          .open = [made] { return dds::open_dds(made); }};
}
#endif

#if TAKT_HAS_ZMQ
/// A file without server_key is the binder's own: who connects with it is as good as the binder.
void set_keys(const BusUri& uri, const std::string& path, zmq::ZmqOptions& made) {
  internal::KeyFile file = internal::read_key_file(path);
  if (made.binds && file.keys.secret_key.empty()) {
    refuse_bus_uri(uri.text, "key: who binds needs a secret_key in " + path);
  }
  if (made.binds && !file.server_key.empty()) {
    refuse_bus_uri(uri.text, "key: " + path + " is for who connects: it has a server_key");
  }
  if (!made.binds) {
    made.server_key = file.server_key.empty() ? file.keys.public_key : file.server_key;
  } else if (!file.clients.empty()) {
    made.clients = std::move(file.clients);
    made.clients.push_back(file.keys.public_key);
  }
  if (!file.keys.secret_key.empty()) {
    made.keys = std::move(file.keys);
  }
}

/// Only this user may enter it, and so reach a socket in it.
bool is_of_this_user_alone(const std::filesystem::path& folder) {
  struct stat status{};
  return stat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
         (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/// A connector with a key talks to that binder or to nobody; a binder hears all who may connect.
std::optional<Strangers> strangers_on_zmq(const BusUri& uri, const zmq::ZmqOptions& made, bool has_key) {
  const bool by_file = uri.scheme == "zmq+ipc";
  if ((has_key && (!made.binds || !made.clients.empty())) ||
      (by_file && is_of_this_user_alone(std::filesystem::path(uri.path).parent_path()))) {
    return std::nullopt;
  }
  Strangers strangers{.who = by_file || uri.stays_on_this_host() ? kEveryUser : kNetwork,
                      .remedy = made.binds ? "give a key file that names its clients (?key=FILE)"
                                           : "give the key of who binds (?key=FILE)"};
  if (has_key) {
    strangers = {.who = "whoever has learned its public key", .remedy = "name its clients in the key file"};
  } else if (by_file) {
    strangers.remedy = "take a folder that only you may enter";
  }
  return strangers;
}

Plan plan_zmq(const BusUri& uri) {
  constexpr std::uint16_t kMostPort = 65535;
  zmq::ZmqOptions made;
  Options options(uri);
  made.binds = options.flag("bind") || uri.host == "*";
  if (uri.scheme == "zmq+ipc") {
    refuse_place(uri, uri.host, "host");
    if (uri.path.size() < 2) {
      refuse_bus_uri(uri.text, "want zmq+ipc:///path, such as zmq+ipc:///run/user/1000/robot");
    }
    made.address = "ipc://" + uri.path;
  } else {
    const std::uint16_t port = require_host_and_port(uri, kMostPort);
    made.address = "tcp://" + uri.host + ":" + std::to_string(port);
  }
  const auto key = options.text("key");
  options.finish("bind, key");
  if (key) {
    set_keys(uri, *key, made);
  }
  return {.strangers = strangers_on_zmq(uri, made, key.has_value()),
          .open = [made] { return std::shared_ptr(zmq::open_zmq(made)); }};
}
#endif

Plan plan_udp(const BusUri& uri) {
  constexpr std::uint16_t kMostPort = 65535;
  constexpr std::uint32_t kMostHops = 255;
  udp::UdpOptions made;
  made.port = require_host_and_port(uri, kMostPort);
  made.host = uri.host;
  Options options(uri);
  made.listens = options.flag("bind") || uri.host == "*";
  made.interface_address = options.text("interface").value_or("");
  made.multicast_hops = static_cast<int>(options.number("hops", kMostHops).value_or(1));
  options.finish("bind, interface, hops");
  return {.strangers = Strangers{.who = uri.stays_on_this_host() ? kEveryUser : kNetwork, .remedy = {}},
          .open = [made] { return std::shared_ptr(udp::open_udp(made)); }};
}

[[noreturn, maybe_unused]] void refuse_lacking(const BusUri& uri) {
  refuse_bus_uri(uri.text, "this takt was built without the transport " + uri.scheme);
}

Plan plan_for(const std::string& text) {
  const BusUri uri = parse_bus_uri(text);
  if (uri.scheme == "dds") {
#if TAKT_HAS_DDS
    return plan_dds(uri);
#else
    refuse_lacking(uri);
#endif
  }
  if (uri.scheme == "zmq+tcp" || uri.scheme == "zmq+ipc") {
#if TAKT_HAS_ZMQ
    return plan_zmq(uri);
#else
    refuse_lacking(uri);
#endif
  }
  if (uri.scheme == "udp") {
    return plan_udp(uri);
  }
  refuse_bus_uri(text, in_quotes(uri.scheme) + " is no transport: want dds, zmq+tcp, zmq+ipc or udp");
}

}  // namespace

std::shared_ptr<bus::Transport> open_transport(const std::string& uri) {
  return plan_for(uri).open();
}

std::optional<Strangers> strangers_on(const std::string& uri) {
  return plan_for(uri).strangers;
}

async::Task<std::shared_ptr<bus::Bus>> open_bus() {
  return open_bus("dds://");
}

async::Task<std::shared_ptr<bus::Bus>> open_bus(std::vector<std::string> uris) {
  const auto open = [uris = std::move(uris)] {
    std::vector<Plan> plans;
    for (const std::string& uri : uris) {
      plans.push_back(plan_for(uri));
    }
    auto made = std::make_shared<bus::Bus>();
    for (const Plan& plan : plans) {
      made->add(plan.open());
    }
    return made;
  };
  co_return co_await async::offload(open);
}

}  // namespace takt::registry
