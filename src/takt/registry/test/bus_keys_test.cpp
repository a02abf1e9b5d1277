#include "takt/registry/bus_keys.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/registry/buses.hpp"

namespace takt::registry {
namespace {

namespace fs = std::filesystem;

class BusKeysTest : public ::testing::Test {
 protected:
  BusKeysTest() : folder_(fs::temp_directory_path() / ("takt_bus_keys_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~BusKeysTest() override { fs::remove_all(folder_); }
  std::string path(const char* name) const { return (folder_ / name).string(); }

  fs::path folder_;
};

#if TAKT_HAS_ZMQ
TEST_F(BusKeysTest, TheFileIsItsOwnersAloneAndOpensAnEncryptedBus) {
  const std::string robot = path("robot.toml");
  const std::string key = make_key_file(robot);
  EXPECT_EQ(key.size(), 40);
  EXPECT_EQ(fs::status(robot).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const auto bus = open_transport("zmq+ipc://" + path("bus") + "?bind&key=" + robot);
  EXPECT_TRUE(has(bus->capabilities(), bus::Capability::kEncrypted));
}

TEST_F(BusKeysTest, WhatIsThereIsNotOverwritten) {
  const std::string robot = path("robot.toml");
  static_cast<void>(make_key_file(robot));
  std::ifstream before(robot);
  const std::string text{std::istreambuf_iterator<char>(before), {}};
  EXPECT_THROW(static_cast<void>(make_key_file(robot)), ConfigError);
  std::ifstream after(robot);
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>(after), {}}), text);
  EXPECT_THROW(static_cast<void>(make_key_file(path("none/robot.toml"))), SystemError);
}

TEST_F(BusKeysTest, KeysOfOthersAreCheckedBeforeTheFileIsMade) {
  EXPECT_THROW(static_cast<void>(make_key_file(path("a.toml"), {.server_key = "short", .clients = {}})), ConfigError);
  EXPECT_THROW(static_cast<void>(make_key_file(path("a.toml"), {.server_key = {}, .clients = {""}})), ConfigError);
  EXPECT_FALSE(fs::exists(path("a.toml")));
}
#else
TEST_F(BusKeysTest, WithoutZeroMqThereAreNoKeys) {
  EXPECT_THROW(static_cast<void>(make_key_file(path("a.toml"))), ConfigError);
}
#endif

}  // namespace
}  // namespace takt::registry
