#include "takt/node/waitable.hpp"

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "takt/node/test/rig.hpp"

namespace takt::node {
namespace {

using namespace testing;

/// Work that other threads bring.
class Inbox final : public Waitable {
 public:
  void bring(int amount) {
    work_.fetch_add(amount);
    const std::scoped_lock lock(mutex_);
    if (on_ready_) {
      on_ready_();
    }
  }
  void set_on_ready(std::function<void()> on_ready) override {
    const std::scoped_lock lock(mutex_);
    on_ready_ = std::move(on_ready);
  }
  Task<bool> execute() override {
    if (work_.load() == 0) {
      co_return false;
    }
    work_.fetch_sub(1);
    co_await async::yield();
    ++executed;
    if (executed == fail_at) {
      throw std::invalid_argument("the waitable failed");
    }
    co_return true;
  }
  [[nodiscard]] bool has_hook() {
    const std::scoped_lock lock(mutex_);
    return static_cast<bool>(on_ready_);
  }

  int executed{0};
  int fail_at{-1};

 private:
  std::atomic<int> work_{0};
  std::mutex mutex_;
  std::function<void()> on_ready_;
};

class WaitableTest : public ::testing::Test {
 protected:
  std::shared_ptr<bus::Bus> bus{std::make_shared<bus::Bus>()};
  Node node{"node", bus};
  std::shared_ptr<Inbox> inbox{std::make_shared<Inbox>()};
  async::EventLoop loop;
};

TEST_F(WaitableTest, IsExecutedOnTheLoopWhenAnotherThreadSaysThatItIsReady) {
  node.attach("inbox", inbox);
  inbox->bring(3);  // before anybody listens
  const auto body = [&]() -> Task<void> {
    std::thread outside;
    co_await with_node(node, [&]() -> Task<void> {
      EXPECT_TRUE(co_await testing::until([&] { return inbox->executed == 3; }));
      EXPECT_TRUE(inbox->has_hook());
      outside = std::thread([&] {
        for (int i = 0; i < 100; ++i) {
          inbox->bring(2);
        }
      });
      EXPECT_TRUE(co_await testing::until([&] { return inbox->executed == 203; }));
    });
    outside.join();
  };
  loop.run(body());
  EXPECT_FALSE(inbox->has_hook());
}

TEST_F(WaitableTest, ItsFailureFailsTheNode) {
  node.attach("inbox", inbox);
  inbox->fail_at = 2;
  inbox->bring(5);
  const auto body = [&]() -> Task<void> { EXPECT_TRUE(holds<std::invalid_argument>(co_await outcome(node.run()))); };
  loop.run(body());
  EXPECT_EQ(inbox->executed, 2);
}

TEST_F(WaitableTest, IsNotExecutedAnyMoreWhenItIsDestroyed) {
  auto attachment = node.attach("inbox", inbox);
  const auto body = [&]() -> Task<void> {
    co_await with_node(node, [&]() -> Task<void> {
      co_await sleep_for(1ms);
      attachment.destroy();
      EXPECT_TRUE(attachment.destroyed());
      co_await sleep_for(1ms);
      EXPECT_FALSE(inbox->has_hook());
      inbox->bring(1);
      co_await sleep_for(1ms);
    });
  };
  loop.run(body());
  EXPECT_EQ(inbox->executed, 0);
}

TEST_F(WaitableTest, NothingIsRefused) {
  EXPECT_THROW(node.attach("nothing", nullptr), LogicError);
}

}  // namespace
}  // namespace takt::node
