#include "takt/controller/internal/server_socket.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "takt/controller/test/own_folder.hpp"
#include "takt/core/error.hpp"

namespace takt::controller::internal {
namespace {

using test::OwnFolder;

std::string text_of(auto function) {
  try {
    function();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

/// Listens in a child process that then dies without a chance to tidy up.
void leave_a_dead_server(const std::string& name) {
  const pid_t child = fork();
  if (child == 0) {
    auto* leaked = new ServerSocket(name);
    _exit(leaked->descriptor() >= 0 ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
}

TEST(ServerSocketTest, IsFoundWhileItLivesAndLeavesNothingBehind) {
  const OwnFolder folder;
  {
    const ServerSocket socket("fr3");
    EXPECT_EQ(find_server("fr3"), getpid());
    EXPECT_EQ(find_servers(), std::vector<std::string>{"fr3"});
    EXPECT_EQ(folder.files(), 2U);
  }
  EXPECT_EQ(find_server("fr3"), std::nullopt);
  EXPECT_TRUE(find_servers().empty());
  EXPECT_EQ(folder.files(), 0U);
}

TEST(ServerSocketTest, BelongsToItsUserAlone) {
  const OwnFolder folder;
  const ServerSocket socket("fr3");
  struct stat status{};
  ASSERT_EQ(lstat(socket.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_EQ(lstat((folder.path() / "takt" / "fr3.lock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_EQ(lstat((folder.path() / "takt").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST(ServerSocketTest, RefusesAFolderThatOthersMayEnter) {
  const OwnFolder folder;
  std::filesystem::create_directory(folder.path() / "takt");
  ASSERT_EQ(chmod((folder.path() / "takt").c_str(), 0755), 0);
  EXPECT_THROW(const ServerSocket socket("fr3"), ConfigError);
}

TEST(ServerSocketTest, RefusesAFolderThatIsALink) {
  const OwnFolder folder;
  std::filesystem::create_directory(folder.path() / "elsewhere");
  ASSERT_EQ(chmod((folder.path() / "elsewhere").c_str(), 0700), 0);
  std::filesystem::create_symlink(folder.path() / "elsewhere", folder.path() / "takt");
  EXPECT_THROW(const ServerSocket socket("fr3"), ConfigError);
}

TEST(ServerSocketTest, OfANameThatLivesIsRefusedNamingItsProcess) {
  const OwnFolder folder;
  const ServerSocket socket("fr3");
  const std::string text = text_of([] { const ServerSocket second("fr3"); });
  EXPECT_NE(text.find("process " + std::to_string(getpid())), std::string::npos) << text;
  EXPECT_THROW(const ServerSocket second("fr3"), ConfigError);
  EXPECT_NO_THROW(const ServerSocket other("fr3b"));
  EXPECT_TRUE(connect_to_server("fr3"));
}

TEST(ServerSocketTest, ReplacesWhatADeadServerLeft) {
  const OwnFolder folder;
  leave_a_dead_server("fr3");
  EXPECT_EQ(folder.files(), 2U);
  EXPECT_EQ(find_server("fr3"), std::nullopt);
  EXPECT_TRUE(find_servers().empty());
  EXPECT_THROW((void)connect_to_server("fr3"), DeviceError);
  ServerSocket socket("fr3");
  EXPECT_TRUE(connect_to_server("fr3"));
  EXPECT_TRUE(socket.accept());
}

TEST(ServerSocketTest, ALookAtANameDoesNotStandInTheWayOfItsServer) {
  const OwnFolder folder;
  leave_a_dead_server("fr3");
  const pid_t looker = fork();
  if (looker == 0) {
    while (getppid() != 1) {
      (void)find_server("fr3");
    }
    _exit(0);
  }
  for (int i = 0; i < 500; ++i) {
    EXPECT_NO_THROW(const ServerSocket socket("fr3"));
  }
  kill(looker, SIGKILL);
  waitpid(looker, nullptr, 0);
}

TEST(ServerSocketTest, TakesOneClientAfterTheOther) {
  const OwnFolder folder;
  ServerSocket socket("fr3");
  EXPECT_FALSE(socket.accept());
  const auto first = connect_to_server("fr3");
  const auto second = connect_to_server("fr3");
  EXPECT_TRUE(first && second);
  EXPECT_TRUE(socket.accept());
  EXPECT_TRUE(socket.accept());
  EXPECT_FALSE(socket.accept());
}

TEST(ServerSocketTest, SendsClientsOfAnotherUserAway) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "only root can become another user";
  }
  const OwnFolder folder;
  ServerSocket socket("fr3");
  // Opened wide on purpose, so that nothing but the server's own check stands in the way.
  for (const auto& path : {folder.path(), folder.path() / "takt", socket.path()}) {
    ASSERT_EQ(chmod(path.c_str(), 0777), 0);
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.path().string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  const pid_t stranger = fork();
  if (stranger == 0) {
    if (setuid(65534) != 0) {
      _exit(2);
    }
    const int client = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
    if (connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      _exit(3);
    }
    char byte = 0;
    _exit(read(client, &byte, 1) <= 0 ? 0 : 4);  // the server closes
  }
  int status = 1;
  while (waitpid(stranger, &status, WNOHANG) == 0) {
    EXPECT_FALSE(socket.accept());
    usleep(1000);
  }
  EXPECT_EQ(status, 0);
}

TEST(ServerSocketTest, OfABadNameIsRefused) {
  const OwnFolder folder;
  for (const std::string name : {"", "a/b", ".hidden", "-x", "a b", "ä"}) {
    EXPECT_THROW(const ServerSocket socket(name), ConfigError) << name;
    EXPECT_THROW((void)connect_to_server(name), ConfigError) << name;
  }
  EXPECT_THROW(const ServerSocket socket(std::string(65, 'a')), ConfigError);
  EXPECT_NO_THROW(const ServerSocket socket("Fr3_left-2.b"));
}

TEST(ServerSocketTest, WithoutAServerSaysHowToStartOne) {
  const OwnFolder folder;
  EXPECT_THROW((void)connect_to_server("fr3"), DeviceError);
  EXPECT_NE(text_of([] { (void)connect_to_server("fr3"); }).find("takt serve"), std::string::npos);
}

}  // namespace
}  // namespace takt::controller::internal
