#include "takt/controller/server.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/event_loop.hpp"
#include "takt/controller/errors.hpp"
#include "takt/controller/internal/segments.hpp"
#include "takt/controller/test/raw_client.hpp"
#include "takt/controller/test/remote_rig.hpp"

namespace takt::controller::testing {
namespace {

using internal::ErrorKind;
using internal::PacketType;

class ServerTest : public ::testing::Test {
 protected:
  void run(std::function<Task<void>(Server&)> body) {
    async::EventLoop loop;
    loop.run(with_server(world, test_options(world), "test", std::move(body)));
  }

  test::OwnFolder folder;
  TestWorld world;
};

TEST_F(ServerTest, WelcomesAClientWithAllItHasToKnow) {
  run([this](Server& server) -> Task<void> {
    RawClient client("test");
    const auto welcome = co_await client.receive_as<internal::Welcome>(0);
    EXPECT_EQ(welcome.server, "test");
    EXPECT_EQ(welcome.process, getpid());
    EXPECT_EQ(welcome.layout, internal::layout_of_this_build());
    EXPECT_EQ(internal::from_wire(welcome.model).dof(), 7U);
    EXPECT_EQ(welcome.bounds.lowest_rad, server.controller().bounds().lowest_rad);
    EXPECT_EQ(Duration(welcome.valid_for_ns), test_options(world).valid_for);
  });
}

TEST_F(ServerTest, AnswersRequestsUnderTheirNumbersInAnyOrder) {
  run([this](Server&) -> Task<void> {
    RawClient client("test");
    static_cast<void>(co_await client.receive_as<internal::Welcome>(0));
    client.send(41, internal::Acquire{.holder = "raw", .take_over = false});
    EXPECT_NE((co_await client.receive_as<internal::LeaseGiven>(41)).epoch, 0U);
    world.paused = true;
    client.send(7, internal::Start{});   // waits for a cycle, and none comes
    client.send(8, internal::Status{});  // does not wait for it
    EXPECT_EQ((co_await client.receive_as<internal::StatusNow>(8)).clients, 1U);
    world.paused = false;
    static_cast<void>(co_await client.receive_as<internal::Done>(7));
  });
}

TEST_F(ServerTest, RequestsWithoutANumberAreCarriedOutAndNotAnswered) {
  run([](Server& server) -> Task<void> {
    co_await server.controller().start();
    RawClient client("test");
    static_cast<void>(co_await client.receive_as<internal::Welcome>(0));
    client.send(0, internal::SafeStop{});
    co_await until([&] { return server.controller().fault().fault == Fault::kRequested; });
    client.send(5, internal::Status{});
    static_cast<void>(co_await client.receive_as<internal::StatusNow>(5));
  });
}

TEST_F(ServerTest, AFaultIsSavedThoughNobodyAsksForIt) {
  ControllerOptions options = test_options(world);
  options.evidence_folder = std::filesystem::path(::testing::TempDir()) / ("takt-server-" + std::to_string(getpid()));
  std::filesystem::remove_all(options.evidence_folder);
  const auto is_saved = [&] {
    return std::filesystem::exists(options.evidence_folder) && !std::filesystem::is_empty(options.evidence_folder);
  };
  async::EventLoop loop;
  loop.run(with_server(world, options, "test", [&](Server& server) -> Task<void> {
    co_await server.controller().start();
    server.controller().safe_stop();
    co_await until(is_saved);
  }));
  std::filesystem::remove_all(options.evidence_folder);
}

std::vector<std::byte> changed(std::vector<std::byte> packet, std::size_t at, std::byte value) {
  packet.at(at) = value;
  return packet;
}

std::vector<std::byte> resized(std::vector<std::byte> packet, std::size_t size) {
  packet.resize(size);
  return packet;
}

TEST_F(ServerTest, SendsAwayWhoTalksNonsenseAndNobodyElseNotices) {
  run([](Server&) -> Task<void> {
    RawClient good("test");
    static_cast<void>(co_await good.receive_as<internal::Welcome>(0));
    const auto status = internal::pack(9, internal::Status{});
    struct Nonsense {
      const char* what;
      std::vector<std::byte> bytes;
      std::uint64_t number;
    };
    const std::vector<Nonsense> all{
        {"one byte", resized(status, 1), 0},
        {"half a header", resized(status, 15), 0},
        {"another magic", changed(status, 0, std::byte{'X'}), 0},
        {"another version", changed(status, 4, std::byte{99}), 9},
        {"no body", resized(status, 16), 9},
        {"half a body", resized(internal::pack(9, internal::Acquire{.holder = "raw", .take_over = true}), 25), 9},
        {"more than the body", resized(status, 40), 9},
        {"a type of the server", changed(status, 6, std::byte{2}), 9},
        {"an unknown type", changed(status, 7, std::byte{77}), 9},
        {"too long", resized(status, internal::kMaxPacketBytes + 1), 9},
    };
    std::uint64_t count = 0;
    for (const Nonsense& nonsense : all) {
      RawClient client("test");
      static_cast<void>(co_await client.receive_as<internal::Welcome>(0));
      EXPECT_EQ(client.send(nonsense.bytes), internal::Sent::kYes);
      const auto failed = co_await client.receive_as<internal::Failed>(nonsense.number);
      EXPECT_EQ(failed.kind, ErrorKind::kProtocol) << nonsense.what;
      EXPECT_EQ(co_await client.receive(), std::nullopt) << nonsense.what;
      good.send(++count, internal::Status{});
      const auto now = co_await good.receive_as<internal::StatusNow>(count);
      EXPECT_EQ(now.refused_clients, count) << nonsense.what;
    }
  });
}

TEST_F(ServerTest, LeavesAClientThatDoesNotReadAndGoesOn) {
  run([](Server&) -> Task<void> {
    RawClient good("test");
    static_cast<void>(co_await good.receive_as<internal::Welcome>(0));
    RawClient deaf("test");
    internal::Sent sent = internal::Sent::kYes;
    for (std::uint64_t number = 1; sent != internal::Sent::kGone; ++number) {
      sent = deaf.send(number, internal::Status{});
      if (sent == internal::Sent::kFull) {
        co_await async::yield();
      }
    }
    good.send(1, internal::Status{});
    EXPECT_EQ((co_await good.receive_as<internal::StatusNow>(1)).refused_clients, 1U);
  });
}

TEST_F(ServerTest, TakesSixteenRequestsOfAClientAtATime) {
  run([](Server&) -> Task<void> {
    RawClient client("test");
    static_cast<void>(co_await client.receive_as<internal::Welcome>(0));
    client.send(100, internal::Acquire{.holder = "raw", .take_over = false});
    static_cast<void>(co_await client.receive_as<internal::LeaseGiven>(100));
    for (std::uint64_t number = 1; number <= 40; ++number) {
      client.send(number, internal::Stop{});
    }
    std::size_t done = 0;
    std::size_t refused = 0;
    for (int i = 0; i < 40; ++i) {
      const auto bytes = co_await client.receive();
      EXPECT_TRUE(bytes);
      const auto packet = internal::parse_packet(*bytes);
      done += packet->type == PacketType::kDone ? 1U : 0U;
      refused += packet->type == PacketType::kFailed ? 1U : 0U;
    }
    EXPECT_EQ(done + refused, 40U);
    EXPECT_GE(done, 16U);
  });
}

TEST_F(ServerTest, OnlyTheCommanderMayRequestWhatMovesTheArm) {
  run([](Server&) -> Task<void> {
    RawClient client("test");
    static_cast<void>(co_await client.receive_as<internal::Welcome>(0));
    client.send(1, internal::Start{});
    EXPECT_EQ((co_await client.receive_as<internal::Failed>(1)).kind, ErrorKind::kNotCommander);
    client.send(2, internal::Use{control::JointTorque{}});
    EXPECT_EQ((co_await client.receive_as<internal::Failed>(2)).kind, ErrorKind::kNotCommander);
    client.send(3, internal::Release{});
    EXPECT_EQ((co_await client.receive_as<internal::Failed>(3)).kind, ErrorKind::kNotCommander);
    client.send(4, internal::Evidence{});
    EXPECT_EQ((co_await client.receive_as<internal::EvidenceKept>(4)).cycles, 0U);
  });
}

TEST_F(ServerTest, ANameThatIsTakenIsRefused) {
  run([this](Server&) -> Task<void> {
    EXPECT_THROW(Server(std::make_unique<TestArm>(world), ServerOptions{.name = "test"}), ConfigError);
    co_return;
  });
}

TEST_F(ServerTest, AnEndOfItsRunStopsTheArmAndLeavesNoFile) {
  run([](Server& server) -> Task<void> { co_await server.controller().start(); });
  EXPECT_TRUE(world.brakes_on);
  EXPECT_EQ(folder.files(), 0U);
}

TEST_F(ServerTest, EndsWhenAClientShutsItDown) {
  async::EventLoop loop;
  loop.run([](TestWorld& its) -> Task<void> {
    Server server(std::make_unique<TestArm>(its), {.name = "test", .controller = test_options(its)});
    co_await server.controller().start();
    co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
      nursery.start("server", server.run());
      const auto observer = co_await RemoteController::connect("test", {.observe = true, .clock = &its.clock});
      co_await observer->shut_down();
      EXPECT_TRUE(its.brakes_on);
      co_return async::kJoin;
    });
  }(world));
}

}  // namespace
}  // namespace takt::controller::testing
