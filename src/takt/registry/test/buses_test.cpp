#include "takt/registry/buses.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "takt/async/tasks/run.hpp"
#include "takt/core/error.hpp"
#include "takt/registry/bus_keys.hpp"
#if TAKT_HAS_ZMQ
#include "takt/registry/internal/key_file.hpp"
#endif

namespace takt::registry {
namespace {

namespace fs = std::filesystem;

[[maybe_unused]] constexpr const char* kPublicKey = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
[[maybe_unused]] constexpr const char* kSecretKey = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";

/// A folder of this test's own, and ROS's variables as nobody set them.
class BusesTest : public ::testing::Test {
 protected:
  BusesTest() : folder_(fs::temp_directory_path() / ("takt_buses_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
    for (const char* name :
         {"ROS_AUTOMATIC_DISCOVERY_RANGE", "ROS_STATIC_PEERS", "ROS_LOCALHOST_ONLY", "CYCLONEDDS_URI"}) {
      ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
    }
    domain_ = std::to_string(1 + ::getpid() % 100);
  }
  ~BusesTest() override { fs::remove_all(folder_); }

  std::string key_file(const std::string& text, fs::perms perms = fs::perms::owner_read | fs::perms::owner_write) {
    const fs::path path = folder_ / ("key" + std::to_string(files_++) + ".toml");
    std::ofstream(path) << text;
    fs::permissions(path, perms);
    return path.string();
  }
  std::string own_ipc() const { return "zmq+ipc://" + (folder_ / "socket").string(); }

  fs::path folder_;
  std::string domain_;
  int files_{0};
};

std::string refusal(const std::string& uri) {
  try {
    static_cast<void>(strangers_on(uri));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST_F(BusesTest, EachSchemeOpensItsTransport) {
  EXPECT_EQ(open_transport("udp://127.0.0.1:9")->scheme(), "udp");
#if TAKT_HAS_ZMQ
  EXPECT_EQ(open_transport(own_ipc() + "?bind")->scheme(), "zmq+ipc");
  EXPECT_EQ(open_transport("zmq+tcp://127.0.0.1:9")->scheme(), "zmq+tcp") << "who is connected to may come later";
#endif
#if TAKT_HAS_DDS
  EXPECT_EQ(open_transport("dds://?domain=" + domain_)->scheme(), "dds");
#endif
}

TEST_F(BusesTest, WhatIsWrongWithAUriIsNamed) {
  struct Bad {
    const char* uri;
    const char* said;
  };
  for (const Bad& bad : {Bad{"zmq://robot:5555", "'zmq' is no transport: want dds, zmq+tcp, zmq+ipc or udp"},
                         Bad{"udp://robot", "the port 1 to 65535"},
                         Bad{"udp://:7400", "udp://host:port"},
                         Bad{"udp://robot:0", "the port 1 to 65535"},
                         Bad{"udp://robot:7/x", "has no path, not '/x'"},
                         Bad{"udp://[::1]:7", "'::1': udp speaks IPv4"},
                         Bad{"udp://robot:7?hop=1", "'hop' is no option of udp"},
                         Bad{"udp://robot:7?hops=256", "hops: '256' is no number from 0 to 255"},
                         Bad{"udp://robot:7?hops", "'hops' has no value"},
                         Bad{"udp://robot:7?bind=1", "'bind' takes no value"},
#if TAKT_HAS_ZMQ
                         Bad{"zmq+tcp://robot:0", "the port 1 to 65535"},
                         Bad{"zmq+tcp://robot", "zmq+tcp://host:port"},
                         Bad{"zmq+ipc://host/path", "has no host, not 'host'"},
                         Bad{"zmq+ipc:///", "zmq+ipc:///path"},
                         Bad{"zmq+tcp://robot:7?domain=1", "'domain' is no option of zmq+tcp"},
                         Bad{"zmq+tcp://robot:7?key=/no/such/file", "/no/such/file"},
#endif
#if TAKT_HAS_DDS
                         Bad{"dds://robot", "has no host, not 'robot'"},
                         Bad{"dds://:7", "has no port, not '7'"},
                         Bad{"dds://?domain=233", "domain: '233' is no number from 0 to 232"},
                         Bad{"dds://?domain=x", "domain: 'x' is no number"},
                         Bad{"dds://?range=LAN", "range: 'LAN' is none of localhost, subnet, off"},
                         Bad{"dds://?peers=a,,b", "peers: one has no name"},
                         Bad{"dds://?key=x", "'key' is no option of dds"},
#endif
                         Bad{"nonsense", "'://' is missing"}}) {
    EXPECT_NE(refusal(bad.uri).find(bad.said), std::string::npos) << bad.uri << ": " << refusal(bad.uri);
    EXPECT_THROW(static_cast<void>(open_transport(bad.uri)), ConfigError) << bad.uri;
  }
}

/// Who may speak there besides this user and whom a key names; empty: nobody.
std::string strangers(const std::string& uri) {
  const auto found = strangers_on(uri);
  return found ? found->who : "";
}

constexpr const char* kEveryUser = "every user of this host";
constexpr const char* kNetwork = "everybody who reaches this network";

TEST_F(BusesTest, UdpLetsInAllWhoReachIt) {
  EXPECT_EQ(strangers("udp://127.0.0.1:7400"), kEveryUser);
  EXPECT_EQ(strangers("udp://239.255.0.7:7400"), kNetwork);
  EXPECT_EQ(strangers("udp://*:7400"), kNetwork);
}

#if TAKT_HAS_DDS
TEST_F(BusesTest, DdsLetsInEveryUserOfTheHostAndOfItsNetwork) {
  EXPECT_EQ(strangers("dds://"), kEveryUser);
  EXPECT_EQ(strangers_on("dds://")->remedy, "");
  EXPECT_EQ(strangers("dds://?range=off"), kEveryUser) << "its tag can be guessed";
  EXPECT_EQ(strangers("dds://?range=subnet"), kNetwork);
  EXPECT_EQ(strangers("dds://?peers=robot"), kNetwork);
  ::setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "SUBNET", 1);  // NOLINT(concurrency-mt-unsafe): one thread
  EXPECT_EQ(strangers("dds://?domain=3"), kNetwork) << "what the URI does not say is as ROS's environment has it";
  EXPECT_EQ(strangers("dds://?range=localhost"), kEveryUser);
  ::setenv("CYCLONEDDS_URI", "<General/>", 1);  // NOLINT(concurrency-mt-unsafe): one thread
  EXPECT_EQ(strangers("dds://?range=localhost"), kNetwork) << "it may say anything";
}
#endif

#if TAKT_HAS_ZMQ
TEST_F(BusesTest, ZmqWithoutAKeyLetsInAllWhoReachIt) {
  EXPECT_EQ(strangers("zmq+tcp://localhost:5555?bind"), kEveryUser);
  EXPECT_EQ(strangers("zmq+tcp://*:5555"), kNetwork);
  EXPECT_EQ(strangers("zmq+tcp://robot:5555"), kNetwork);
}

TEST_F(BusesTest, AZmqBinderIsClosedWhenItsKeyFileNamesItsClients) {
  const std::string desk = make_key_file((folder_ / "desk.toml").string());
  const auto robot = [&](const char* name, const KeyFileOptions& options) {
    static_cast<void>(make_key_file((folder_ / name).string(), options));
    return strangers("zmq+tcp://*:5555?key=" + (folder_ / name).string());
  };
  EXPECT_EQ(robot("named.toml", {.server_key = {}, .clients = {desk}}), "");
  EXPECT_EQ(robot("unnamed.toml", {}), "whoever has learned its public key") << "which is no secret";
  const std::string key = key_file("public_key = '" + std::string(kPublicKey) + "'\n");
  EXPECT_EQ(strangers("zmq+tcp://robot:5555?key=" + key), "") << "who connects talks to the owner of that key only";
}

TEST_F(BusesTest, ZmqOverALocalSocketIsClosedInAFolderOfThisUserAlone) {
  const fs::path shared = folder_ / "shared";
  fs::create_directory(shared);
  fs::permissions(shared, fs::perms::owner_all | fs::perms::others_exec);
  EXPECT_EQ(strangers("zmq+ipc://" + (shared / "socket").string() + "?bind"), kEveryUser);
  EXPECT_EQ(strangers("zmq+ipc://" + (shared / "socket").string()), kEveryUser) << "another user may have bound there";
  fs::permissions(shared, fs::perms::owner_all);
  EXPECT_EQ(strangers("zmq+ipc://" + (shared / "socket").string() + "?bind"), "");
  EXPECT_EQ(strangers("zmq+ipc:///no/such/folder/socket"), kEveryUser);
}
#endif

#if TAKT_HAS_ZMQ
TEST_F(BusesTest, AKeyFileHoldsTheKeysAndIsItsOwnersAlone) {
  const std::string both =
      "public_key = '" + std::string(kPublicKey) + "'\nsecret_key = '" + std::string(kSecretKey) + "'\n";
  const std::string good = key_file(both);
  const auto binder = open_transport(own_ipc() + "?bind&key=" + good);
  EXPECT_TRUE(has(binder->capabilities(), bus::Capability::kEncrypted));
  EXPECT_TRUE(has(open_transport(own_ipc() + "?key=" + good)->capabilities(), bus::Capability::kEncrypted));

  const auto with = [&](const std::string& file, const char* more = "") {
    return refusal(own_ipc() + "?key=" + file + more);
  };
  EXPECT_NE(with(key_file(both, fs::perms::owner_read | fs::perms::group_read)).find("chmod 600"), std::string::npos);
  const std::string public_only = key_file("public_key = '" + std::string(kPublicKey) + "'\n");
  EXPECT_EQ(with(public_only), "");
  EXPECT_NE(with(public_only, "&bind").find("secret_key"), std::string::npos);
  EXPECT_NE(with(key_file("secret_key = 'short'\n")).find(":1: secret_key: must be 40"), std::string::npos);
  EXPECT_NE(with(key_file("secret_key = '" + std::string(kSecretKey) + "'\n")).find("public_key: is missing"),
            std::string::npos);
  EXPECT_NE(with(key_file(both + "server_key = '" + kPublicKey + "'\n"), "&bind").find("for who connects"),
            std::string::npos);
  EXPECT_NE(with(key_file(both + "clients = []\n")).find(":3: clients: must be an array"), std::string::npos);
  EXPECT_NE(with(key_file(both + "clients = ['short']\n")).find(":3: clients: must be 40"), std::string::npos);
  const std::string no_pair =
      "public_key = '" + std::string(kSecretKey) + "'\nsecret_key = '" + std::string(kSecretKey) + "'\n";
  EXPECT_NE(with(key_file(no_pair)).find("public_key: is not that of the secret_key"), std::string::npos);
  EXPECT_NE(with(key_file("\nkey = 1\n")).find(":2: key: unknown"), std::string::npos);
  EXPECT_NE(with(key_file("public_key = \n")).find(":1:"), std::string::npos);
}

TEST_F(BusesTest, ABinderThatNamesItsClientsLetsInThemAndWhoHasItsOwnFile) {
  const auto path = [this](const char* name) { return (folder_ / name).string(); };
  const std::string desk_key = make_key_file(path("made_first.toml"));
  static_cast<void>(make_key_file(path("robot.toml"), {.server_key = {}, .clients = {desk_key}}));
  const zmq::CurveKeys robot = internal::read_key_file(path("robot.toml")).keys;
  std::ofstream(path("made_first.toml"), std::ios::app) << "server_key = '" << robot.public_key << "'\n";
  static_cast<void>(make_key_file(path("stranger.toml"), {.server_key = robot.public_key, .clients = {}}));

  const auto binder = open_transport(own_ipc() + "?bind&key=" + path("robot.toml"));
  const bus::TopicEndpoint topic{.name = "/topic", .type = {.name = "a"}, .qos = {}, .node = {}};
  const auto publisher = binder->advertise(topic, {});
  std::vector<std::shared_ptr<bus::Transport>> connectors;
  std::vector<std::unique_ptr<bus::TransportSubscription>> subscriptions;
  for (const char* name : {"stranger.toml", "made_first.toml", "robot.toml"}) {
    connectors.push_back(open_transport(own_ipc() + "?key=" + path(name)));
    subscriptions.push_back(connectors.back()->subscribe(topic, {}));
  }
  for (int i = 0; i < 3000 && publisher->matched().current < 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(publisher->matched().current, 2);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(subscriptions.front()->matched().total, 0);
  subscriptions.clear();
}
#endif

async::Task<void> open_and_count(std::vector<std::string> uris, std::size_t expected) {
  const std::shared_ptr<bus::Bus> bus = co_await takt::open_bus(std::move(uris));
  EXPECT_EQ(bus->transports().size(), expected);
}

TEST_F(BusesTest, ABusIsOpenedOverEachOfItsUris) {
  EXPECT_EQ(async::run(open_and_count({}, 0)), 0);
  std::vector<std::string> uris;
  uris.emplace_back("udp://127.0.0.1:9");
  uris.emplace_back("udp://127.0.0.1:10");
  EXPECT_EQ(async::run(open_and_count(uris, 2)), 0);
  uris.emplace_back("nonsense");
  EXPECT_EQ(async::run(open_and_count(uris, 3)), 2) << "an error of configuration";
}

async::Task<void> open_one_and_two() {
  const std::string uri = "udp://127.0.0.1:9";
  const auto one = co_await takt::open_bus(uri);
  EXPECT_EQ(one->transports().size(), 1U);
  EXPECT_EQ(one->transports().front()->scheme(), "udp");
  const auto two = co_await takt::open_bus("udp://127.0.0.1:9", "udp://127.0.0.1:10");
  EXPECT_EQ(two->transports().size(), 2U);
  const auto list = co_await takt::open_bus({"udp://127.0.0.1:9", "udp://127.0.0.1:10"});
  EXPECT_EQ(list->transports().size(), 2U);
  const auto none = co_await takt::open_bus({});
  EXPECT_TRUE(none->transports().empty());
}

TEST_F(BusesTest, AUriIsEnoughAndSoAreSeveral) {
  EXPECT_EQ(async::run(open_one_and_two()), 0);
}

/// What opening a bus over these is refused with.
async::Task<void> read_refusal(std::vector<std::string> uris, std::string* refusal) {
  try {
    static_cast<void>(co_await takt::open_bus(std::move(uris)));
  } catch (const ConfigError& error) {
    *refusal = error.what();
  }
}

TEST_F(BusesTest, AMalformedUriAmongOthersIsNamedWithItsPartBeforeAnyIsOpened) {
  std::string refused;
  std::vector<std::string> uris;
  uris.emplace_back("udp://no.such.host.invalid:9");
  uris.emplace_back("udp://127.0.0.1:99999");
  EXPECT_EQ(async::run(read_refusal(uris, &refused)), 0);
  EXPECT_NE(refused.find("bus 'udp://127.0.0.1:99999'"), std::string::npos) << refused;
  EXPECT_NE(refused.find("'99999' is no port"), std::string::npos) << refused;
}

#if TAKT_HAS_DDS
/// The interfaces, by address, over which the UDP sockets of this process send to multicast groups.
std::set<std::string> multicast_interfaces() {
  std::set<std::string> addresses;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename());
    int type = 0;
    ::socklen_t size = sizeof(type);
    ::in_addr address{};
    ::socklen_t address_size = sizeof(address);
    if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM &&
        ::getsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &address, &address_size) == 0 && address.s_addr != INADDR_ANY) {
      std::array<char, INET_ADDRSTRLEN> text{};
      addresses.insert(::inet_ntop(AF_INET, &address, text.data(), text.size()));
    }
  }
  return addresses;
}

async::Task<void> open_default() {
  const std::shared_ptr<bus::Bus> bus = co_await takt::open_bus();
  EXPECT_EQ(multicast_interfaces(), std::set<std::string>()) << "it asks this host for peers, and no network";
  EXPECT_EQ(bus->transports().size(), 1U);
  EXPECT_EQ(bus->transports().front()->scheme(), "dds");
}

TEST_F(BusesTest, WithoutUriItIsDdsOnThisHostOnlyInTheDomainOfTheEnvironment) {
  ::setenv("ROS_DOMAIN_ID", domain_.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
  EXPECT_EQ(async::run(open_default()), 0);
  ::setenv("ROS_DOMAIN_ID", "x", 1);  // NOLINT(concurrency-mt-unsafe): one thread
  EXPECT_EQ(async::run(open_default()), 2);
  ::unsetenv("ROS_DOMAIN_ID");  // NOLINT(concurrency-mt-unsafe): one thread
}
#endif

}  // namespace
}  // namespace takt::registry
