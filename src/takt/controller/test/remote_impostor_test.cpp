#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "takt/async/tasks/event_loop.hpp"
#include "takt/controller/internal/segments.hpp"
#include "takt/controller/internal/server_socket.hpp"
#include "takt/controller/remote_controller.hpp"
#include "takt/controller/test/raw_client.hpp"
#include "takt/controller/test/remote_rig.hpp"

// What a RemoteController does with a server that is none, or is another's.
namespace takt::controller::testing {
namespace {

class RemoteImpostorTest : public ::testing::Test {
 protected:
  test::OwnFolder folder;
};

/// A server's end without a server, which says what the test wants.
class Impostor {
 public:
  Impostor() : socket_("impostor") {}

  Task<void> welcome(std::vector<std::byte> bytes) {
    co_await async::readable(socket_.descriptor());
    std::optional<internal::FileDescriptor> client = socket_.accept();
    client_.emplace(std::move(*client));
    static_cast<void>(client_->send(bytes));
  }
  void leave() { client_.reset(); }

 private:
  internal::ServerSocket socket_;
  std::optional<internal::PacketSocket> client_;
};

/// What connecting to a server ends with that begins with these bytes.
template <class E>
std::string connected_to(std::vector<std::byte> bytes, bool leaves = false) {
  std::string said;
  async::EventLoop loop;
  loop.run([](std::vector<std::byte> its_bytes, bool its_leaving, std::string& what) -> Task<void> {
    Impostor impostor;
    co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
      nursery.start("impostor", [&]() -> Task<void> {
        co_await impostor.welcome(its_bytes);
        if (its_leaving) {
          impostor.leave();
        }
      });
      what = co_await error_of<E>(RemoteController::connect("impostor", {.patience = 200ms}));
      co_return async::kJoin;
    });
  }(std::move(bytes), leaves, said));
  return said;
}

TEST_F(RemoteImpostorTest, AServerOfAnotherVersionIsRefusedNamingBoth) {
  auto packet = internal::pack(0, internal::Welcome{});
  packet[4] = std::byte{2};
  const std::string said = connected_to<ProtocolError>(packet);
  EXPECT_NE(said.find("version 2"), std::string::npos) << said;
  EXPECT_NE(said.find("version 1"), std::string::npos) << said;
}

TEST_F(RemoteImpostorTest, AServerOfAnotherBuildIsRefused) {
  const std::string said = connected_to<ProtocolError>(internal::pack(0, internal::Welcome{.server = "impostor"}));
  EXPECT_NE(said.find("layout"), std::string::npos) << said;
}

TEST_F(RemoteImpostorTest, AServerThatTalksNonsenseIsRefused) {
  connected_to<ProtocolError>(std::vector<std::byte>(100));
  connected_to<ProtocolError>(std::vector<std::byte>(3));
  connected_to<ProtocolError>(internal::pack(0, internal::Done{}));
  auto cut = internal::pack(0, internal::Welcome{.server = "impostor"});
  cut.resize(cut.size() - 8);
  connected_to<ProtocolError>(cut);
  connected_to<ProtocolError>(
      internal::pack(0, internal::Welcome{.server = "impostor", .layout = internal::layout_of_this_build()}));
}

TEST_F(RemoteImpostorTest, AServerThatSaysNothingIsNotWaitedForForEver) {
  connected_to<DeviceError>({});  // an empty packet is never sent: nothing comes
  connected_to<ServerDiedError>({}, true);
}

}  // namespace
}  // namespace takt::controller::testing
