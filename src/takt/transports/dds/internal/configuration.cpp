#include "takt/transports/dds/internal/configuration.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::dds {
namespace {

constexpr std::uint32_t kMaxDomain = 232;     // above, the ports of RTPS (7400 + 250 per domain) leave 16 bits
constexpr std::uint32_t kMaxProcesses = 120;  // above, the ports reach into those of the next domain
constexpr std::string_view kSource = "dds";

void check(const DdsOptions& options) {
  if (options.domain > kMaxDomain) {
    throw ConfigError(std::string(kSource), 0, "domain", fmt::format("{} is above {}", options.domain, kMaxDomain));
  }
  if (options.max_processes == 0 || options.max_processes > kMaxProcesses) {
    throw ConfigError(std::string(kSource), 0, "max_processes",
                      fmt::format("{} is not within 1 to {}", options.max_processes, kMaxProcesses));
  }
  if (options.keep_all_samples == 0) {
    throw ConfigError(std::string(kSource), 0, "keep_all_samples", "it is 0: nothing would be received");
  }
  if (options.keep_all_patience_ms == 0) {
    throw ConfigError(std::string(kSource), 0, "keep_all_patience_ms", "it is 0: nobody would be pressed back");
  }
  for (const std::string& peer : options.static_peers) {
    const auto allowed = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view(".:-_%[]").contains(c);
    };
    if (peer.empty() || !std::ranges::all_of(peer, allowed)) {
      throw ConfigError(std::string(kSource), 0, "static_peers", fmt::format("'{}' is no host", peer));
    }
  }
  if (options.enclave.empty() || options.enclave.contains(';')) {
    throw ConfigError(std::string(kSource), 0, "enclave", fmt::format("'{}' is no name of one", options.enclave));
  }
}

/// Whether this host has an address besides those of its loopback interface.
bool has_network() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) {
    return false;
  }
  bool found = false;
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
    const bool ipv4 = one->ifa_addr != nullptr && one->ifa_addr->sa_family == AF_INET;
    found = found || (ipv4 && (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_LOOPBACK) == 0);
  }
  ::freeifaddrs(first);
  return found;
}

/// Of the peers on this host some announce only its loopback address (rmw_fastrtps, told to stay local), others only
/// that of its network (rmw_cyclonedds, told the same). Who has both is heard by both.
std::string general(const DdsOptions& options) {
  if (options.discovery == DiscoveryRange::kSubnet) {
    return "";
  }
  return fmt::format(
      "<General><Interfaces>{}<NetworkInterface address=\"127.0.0.1\"/></Interfaces>"
      "<AllowMulticast>false</AllowMulticast></General>",
      has_network() ? "<NetworkInterface autodetermine=\"true\"/>" : "");
}

std::string discovery(const DdsOptions& options) {
  std::string peers;
  if (options.discovery != DiscoveryRange::kSubnet) {
    peers += "<Peer address=\"127.0.0.1\"/>";
  }
  for (const std::string& peer : options.static_peers) {
    peers += fmt::format("<Peer address=\"{}\"/>", peer);
  }
  std::string text = fmt::format("<ExternalDomainId>{}</ExternalDomainId>", options.domain);
  if (!peers.empty()) {  // who is asked directly has to listen on a port that can be guessed
    text += fmt::format(
        "<ParticipantIndex>auto</ParticipantIndex><MaxAutoParticipantIndex>{}</MaxAutoParticipantIndex>"
        "<Peers>{}</Peers>",
        options.max_processes - 1, peers);
  }
  if (options.discovery == DiscoveryRange::kOff) {
    text += fmt::format("<Tag>takt-{}</Tag>", ::getpid());
  }
  return "<Discovery>" + text + "</Discovery>";
}

/// What a publisher that keeps all may have sent without an answer before it presses back; Cyclone DDS begins with 30
/// kB. How long the deletion of a writer waits is ours to say (linger.hpp): Cyclone DDS would wait 1 s for each.
constexpr std::string_view kInternal =
    "<Internal><Watermarks><WhcHighInit>1MB</WhcHighInit><WhcHigh>4MB</WhcHigh></Watermarks>"
    "<WriterLingerDuration>0s</WriterLingerDuration></Internal>";

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets it
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::uint32_t domain_from(std::string_view text) {
  std::uint32_t domain = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), domain);
  if (error != std::errc{} || end != text.data() + text.size() || domain > kMaxDomain) {
    throw ConfigError("ROS_DOMAIN_ID", 0, "", fmt::format("'{}' is no number from 0 to {}", text, kMaxDomain));
  }
  return domain;
}

DiscoveryRange range_from(std::string_view text) {
  if (text == "OFF") {
    return DiscoveryRange::kOff;
  }
  if (text == "LOCALHOST") {
    return DiscoveryRange::kLocalhost;
  }
  if (text == "SUBNET" || text == "SYSTEM_DEFAULT") {
    return DiscoveryRange::kSubnet;
  }
  throw ConfigError("ROS_AUTOMATIC_DISCOVERY_RANGE", 0, "",
                    fmt::format("'{}' is none of OFF, LOCALHOST, SUBNET, SYSTEM_DEFAULT", text));
}

std::vector<std::string> peers_from(std::string_view text) {
  std::vector<std::string> peers;
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    if (end != 0) {
      peers.emplace_back(text.substr(0, end));
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return peers;
}

}  // namespace

std::string cyclone_configuration(const DdsOptions& options) {
  check(options);
  const std::string text = fmt::format("<CycloneDDS><Domain Id=\"any\">{}{}{}</Domain></CycloneDDS>", general(options),
                                       discovery(options), kInternal);
  return options.cyclone_config.empty() ? text : text + "," + options.cyclone_config;
}

DdsOptions DdsOptions::from_environment() {
  DdsOptions options;
  if (const auto domain = environment("ROS_DOMAIN_ID"); !domain.empty()) {
    options.domain = domain_from(domain);
  }
  if (const auto range = environment("ROS_AUTOMATIC_DISCOVERY_RANGE"); !range.empty()) {
    options.discovery = range_from(range);
  } else if (environment("ROS_LOCALHOST_ONLY") == "0") {
    options.discovery = DiscoveryRange::kSubnet;
  }
  options.static_peers = peers_from(environment("ROS_STATIC_PEERS"));
  options.cyclone_config = environment("CYCLONEDDS_URI");
  return options;
}

}  // namespace takt::dds
