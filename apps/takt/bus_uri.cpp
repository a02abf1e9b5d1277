#include "bus_uri.hpp"

#include <algorithm>
#include <string_view>

#include "takt/core/error.hpp"

namespace takt::app {
namespace {

constexpr const char* kOption = "--bus";

[[noreturn]] void refuse(const std::string& what) {
  throw ConfigError(kOption, 0, "", what);
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

/// The host of host[:port] or [v6][:port].
std::string host_of(const std::string& uri, std::string_view place) {
  std::string_view port;
  std::string_view host = place;
  if (place.starts_with('[')) {
    const auto end = place.find(']');
    if (end == std::string_view::npos) {
      refuse("'" + uri + "': a bracket is missing");
    }
    host = place.substr(1, end - 1);
    port = place.substr(end + 1);
  } else if (const auto colon = place.find(':'); colon != std::string_view::npos) {
    host = place.substr(0, colon);
    port = place.substr(colon);
  }
  const bool good_port =
      port.empty() || (port.size() > 1 && port.size() <= 6 && port.front() == ':' &&
                       std::all_of(port.begin() + 1, port.end(), [](char c) { return c >= '0' && c <= '9'; }));
  if (!good_port) {
    refuse("'" + uri + "': '" + std::string(port) + "' is no port");
  }
  return std::string(host);
}

}  // namespace

bool BusUri::stays_on_this_host() const {
  return host.empty() || host == "localhost" || host == "::1" || host.starts_with("127.");
}

BusUri parse_bus_uri(const std::string& uri) {
  const auto colon = uri.find(':');
  if (colon == std::string::npos || !is_name(std::string_view(uri).substr(0, colon))) {
    refuse("'" + uri + "' is no bus; want transport:[host[:port]][?key=FILE]");
  }
  BusUri made{.transport = uri.substr(0, colon), .host = {}, .key = {}};
  std::string_view rest = std::string_view(uri).substr(colon + 1);
  if (const auto question = rest.find('?'); question != std::string_view::npos) {
    const std::string_view query = rest.substr(question + 1);
    if (!query.starts_with("key=") || query.size() == 4) {
      refuse("'" + uri + "': '" + std::string(query) + "' is not key=FILE");
    }
    made.key = query.substr(4);
    rest = rest.substr(0, question);
  }
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
  }
  made.host = host_of(uri, rest);
  return made;
}

void require_bus(const std::string& uri, bool insecure) {
  const BusUri bus = parse_bus_uri(uri);
  if (!bus.stays_on_this_host() && bus.key.empty() && !insecure) {
    refuse("'" + uri + "' lets everybody who reaches " + bus.host +
           " command the arm; give a key (?key=FILE), or say --insecure");
  }
  refuse("this takt has no transport '" + bus.transport +
         "', nor any other yet: clients on this host connect without --bus");
}

}  // namespace takt::app
