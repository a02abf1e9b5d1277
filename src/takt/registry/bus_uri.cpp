#include "takt/registry/bus_uri.hpp"

#include <algorithm>
#include <charconv>

#include "takt/core/error.hpp"

namespace takt::registry {
namespace {

constexpr std::string_view kForm = "want scheme://[host[:port]][/path][?name=value&…], such as zmq+tcp://robot:5555";

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

bool is_scheme(std::string_view text) {
  const auto legal = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+'; };
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' && std::ranges::all_of(text, legal);
}

/// What stands before `separator`, which goes too; all of it when there is none, and `found` says so.
std::string_view take_until(std::string_view& rest, char separator, bool& found) {
  const std::size_t at = rest.find(separator);
  found = at != std::string_view::npos;
  const std::string_view taken = rest.substr(0, at);
  rest = found ? rest.substr(at + 1) : std::string_view{};
  return taken;
}

std::uint16_t port_of(std::string_view uri, std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) {
    refuse_bus_uri(uri, quoted(text) + " is no port: want 0 to 65535");
  }
  return port;
}

void read_authority(BusUri& uri, std::string_view authority) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) {
      refuse_bus_uri(uri.text, quoted(authority) + " lacks its closing bracket");
    }
    uri.host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) {
      refuse_bus_uri(uri.text, quoted(port) + " after the bracket is no port");
    }
  } else {
    const std::size_t colon = authority.find(':');
    uri.host = authority.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view{} : authority.substr(colon);
  }
  if (!port.empty()) {
    uri.port = port_of(uri.text, port.substr(1));
  }
}

void read_options(BusUri& uri, std::string_view query) {
  for (bool more = !query.empty(); more;) {
    std::string_view option = take_until(query, '&', more);
    bool has_value = false;
    const std::string_view name = take_until(option, '=', has_value);
    if (name.empty()) {
      refuse_bus_uri(uri.text, "an option has no name");
    }
    if (!uri.options.emplace(name, option).second) {
      refuse_bus_uri(uri.text, quoted(name) + " is said twice");
    }
  }
}

}  // namespace

void refuse_bus_uri(std::string_view text, const std::string& why) {
  throw ConfigError("bus " + quoted(text), 0, "", why);
}

bool BusUri::stays_on_this_host() const {
  return host.empty() || host == "localhost" || host == "::1" || host.starts_with("127.");
}

BusUri parse_bus_uri(std::string_view text) {
  BusUri uri;
  uri.text = text;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) {
    refuse_bus_uri(text, "'://' is missing: " + std::string(kForm));
  }
  uri.scheme = text.substr(0, colon);
  if (!is_scheme(uri.scheme)) {
    refuse_bus_uri(text, quoted(uri.scheme) + " is no scheme: " + std::string(kForm));
  }
  std::string_view query = text.substr(colon + 3);
  bool has_query = false;
  std::string_view place = take_until(query, '?', has_query);
  if (const std::size_t slash = place.find('/'); slash != std::string_view::npos) {
    uri.path = place.substr(slash);
    place = place.substr(0, slash);
  }
  read_authority(uri, place);
  read_options(uri, query);
  return uri;
}

}  // namespace takt::registry
