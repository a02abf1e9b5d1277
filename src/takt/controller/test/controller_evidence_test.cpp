#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/controller/controller.hpp"
#include "takt/controller/test/controller_contract.hpp"

// What a fault leaves behind on disk.

namespace takt::controller {
namespace {

using namespace testing;

class ControllerEvidence : public ::testing::Test {
 protected:
  ControllerEvidence() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder = std::filesystem::path(::testing::TempDir()) /
             ("takt-" + std::to_string(::getpid()) + "-" + std::string(test->name()));
    std::filesystem::remove_all(folder);
    options.evidence_folder = folder;
  }
  ~ControllerEvidence() override { std::filesystem::remove_all(folder); }

  std::unique_ptr<Controller> make() { return std::make_unique<Controller>(std::make_unique<TestArm>(world), options); }
  [[nodiscard]] std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> found;
    if (std::filesystem::exists(folder)) {
      for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        found.push_back(entry.path());
      }
    }
    return found;
  }
  static Task<void> fall(Controller& controller) {
    controller.safe_stop();
    co_await until([&] { return controller.state().mode == CycleMode::kFaulted; });
  }
  template <class F>
  void run(F body) {
    async::EventLoop loop;
    loop.run(body());
  }

  TestWorld world;
  std::filesystem::path folder;
  ControllerOptions options{test_options(world)};
};

TEST_F(ControllerEvidence, EachFaultLeavesOneFileHoweverOftenItIsMet) {
  run([this]() -> Task<void> {
    const auto controller = make();
    co_await controller->start();
    EXPECT_TRUE(files().empty());
    co_await fall(*controller);
    EXPECT_FALSE((co_await controller->evidence()).empty());
    EXPECT_EQ(files().size(), 1U);
    co_await controller->stop();
    co_await controller->stop();
    EXPECT_EQ(files().size(), 1U);
    co_await controller->recover();
    co_await fall(*controller);
    co_await controller->recover();
    EXPECT_EQ(files().size(), 2U);
  });
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(ControllerEvidence, TheFileSaysWhatHappened) {
  run([this]() -> Task<void> {
    const auto controller = make();
    co_await controller->start();
    co_await controller->move(home_but(0.1));
    co_await fall(*controller);
    co_await controller->stop();
  });
  ASSERT_EQ(files().size(), 1U);
  EXPECT_NE(files().front().filename().string().find("takt-test-"), std::string::npos);
  EXPECT_NE(files().front().filename().string().find("a-safe-stop-was-requested.csv"), std::string::npos);
  std::ifstream in(files().front());
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_NE(text.find("# fault: a safe stop was requested"), std::string::npos);
  EXPECT_NE(text.find("joint_impedance"), std::string::npos);
  EXPECT_GT(std::count(text.begin(), text.end(), '\n'), 100);
}

TEST_F(ControllerEvidence, WhoForgetsToStopKeepsItAllTheSame) {
  run([this]() -> Task<void> {
    const auto controller = make();
    co_await controller->start();
    co_await fall(*controller);
  });
  EXPECT_EQ(files().size(), 1U);
}

TEST_F(ControllerEvidence, WhoKeepsARhythmFindsItSavedWithoutAskingForIt) {
  run([this]() -> Task<void> {
    const auto controller = make();
    co_await controller->start();
    controller->safe_stop();
    while (files().empty()) {
      static_cast<void>(co_await controller->pace(Frequency{200.0}));
    }
    co_await controller->stop();
    EXPECT_EQ(files().size(), 1U);
  });
}

TEST_F(ControllerEvidence, ATargetThatIsRefusedForAFaultHasItSaved) {
  run([this]() -> Task<void> {
    const auto controller = make();
    co_await controller->start();
    co_await fall(*controller);
    EXPECT_THROW(controller->set(home()), FaultError);
    co_await until([&] { return !files().empty(); });
  });
  EXPECT_EQ(files().size(), 1U);
}

TEST_F(ControllerEvidence, AnybodyMayHaveItSavedAndEachFaultIsBegunOnce) {
  run([this]() -> Task<void> {
    const auto controller = make();
    EXPECT_FALSE(controller->save_evidence());
    co_await controller->start();
    EXPECT_FALSE(controller->save_evidence());
    co_await fall(*controller);
    EXPECT_TRUE(controller->save_evidence());
    EXPECT_FALSE(controller->save_evidence());
    co_await until([&] { return !files().empty(); });
    EXPECT_FALSE(controller->save_evidence());
    co_await controller->recover();
    co_await fall(*controller);
    EXPECT_TRUE(controller->save_evidence());
  });  // the destructor waits for it
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(ControllerEvidence, AFaultThatRecoveryMeetsYoungIsKeptWhole) {
  run([this]() -> Task<void> {
    const auto controller = make();
    co_await controller->start();
    world.fails = true;
    co_await until([&] { return controller->fault().fault != Fault::kNone; });
    co_await controller->recover();
    EXPECT_EQ(files().size(), 1U);
    EXPECT_EQ(controller->fault().fault, Fault::kNone);
  });
}

TEST_F(ControllerEvidence, AFolderThatCannotBeWrittenKeepsNobodyFromStopping) {
  std::filesystem::create_directories(folder.parent_path());
  std::ofstream(folder) << "a file in its place";
  run([this]() -> Task<void> {
    const auto controller = make();
    co_await controller->start();
    co_await fall(*controller);
    co_await controller->recover();
    co_await controller->stop();
    EXPECT_TRUE(world.brakes_on);
  });
}

TEST_F(ControllerEvidence, NoFolderNoFile) {
  options.evidence_folder.clear();
  run([this]() -> Task<void> {
    const auto controller = make();
    co_await controller->start();
    co_await fall(*controller);
    co_await controller->stop();
  });
  EXPECT_TRUE(files().empty());
}

}  // namespace
}  // namespace takt::controller
