#include "takt/bus/topic.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/bus/bus.hpp"
#include "takt/core/error.hpp"
#include "takt/messages/robot_state.hpp"
#include "takt/testing/allocation_guard.hpp"

namespace takt::bus {
namespace {

class TopicTest : public ::testing::Test {
 protected:
  Bus bus_;
  Topic<int>& topic_ = bus_.topic<int>("/numbers");
  std::string seen_;
};

TEST_F(TopicTest, CallsSubscribersInTheOrderOfSubscriptionOnTheCallersThread) {
  const auto thread = std::this_thread::get_id();
  const auto a = topic_.subscribe("a", [&](const int& n) { seen_ += "a" + std::to_string(n); });
  const auto b = topic_.subscribe("b", [&](const int&) { seen_ += std::this_thread::get_id() == thread ? "b" : "?"; });
  topic_.publish(1);
  topic_.publish(2);
  EXPECT_EQ(seen_, "a1ba2b");
}

TEST_F(TopicTest, KeepsTheLatestValueReadableBeforeCallbacksStart) {
  EXPECT_EQ(topic_.latest(), std::nullopt);
  std::optional<int> inside;
  const auto subscription = topic_.subscribe("looker", [&](const int&) { inside = topic_.latest(); });
  topic_.publish(5);
  EXPECT_EQ(inside, 5);
}

TEST_F(TopicTest, HandsTheMessageOnByReference) {
  const int message = 3;
  const int* received = nullptr;
  const auto subscription = topic_.subscribe("reader", [&](const int& n) { received = &n; });
  topic_.publish(message);
  EXPECT_EQ(received, &message);
}

TEST_F(TopicTest, PublishingFromACallbackRunsDeeperOnTheSameStack) {
  auto& echo = bus_.topic<int>("/echo");
  const auto outer = topic_.subscribe("outer", [&](const int& n) {
    seen_ += "(";
    echo.publish(n + 1);
    seen_ += ")";
  });
  const auto inner = echo.subscribe("inner", [&](const int& n) { seen_ += std::to_string(n); });
  topic_.publish(1);
  EXPECT_EQ(seen_, "(2)");
}

TEST_F(TopicTest, ACycleOfTopicsEndsWithAnErrorNotWithTheStack) {
  int calls = 0;
  const auto subscription = topic_.subscribe("loop", [&](const int& n) {
    ++calls;
    topic_.publish(n + 1);
  });
  topic_.publish(0);
  EXPECT_EQ(calls, 16);
  EXPECT_EQ(subscription.failures(), 1U);
  topic_.publish(0);
  EXPECT_EQ(calls, 32);
}

TEST_F(TopicTest, AnExceptionIsCountedAndTheNextSubscribersStillRun) {
  ::testing::internal::CaptureStderr();
  const auto bad = topic_.subscribe("bad", [](const int&) { throw std::runtime_error("broken"); });
  const auto good = topic_.subscribe("good", [&](const int& n) { seen_ += std::to_string(n); });
  for (int i = 0; i < 5; ++i) {
    topic_.publish(i);
  }
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(seen_, "01234");
  EXPECT_EQ(bad.failures(), 5U);
  EXPECT_EQ(good.failures(), 0U);
  EXPECT_NE(log.find("subscriber 'bad' of /numbers threw (1 so far): broken"), std::string::npos) << log;
  EXPECT_EQ(log.find("2 so far"), std::string::npos) << "logged more than once per second: " << log;
}

TEST_F(TopicTest, ASubscriptionMadeInACallbackTakesEffectAtTheNextPublish) {
  Subscription late;
  const auto maker = topic_.subscribe("maker", [&](const int&) {
    if (!late.active()) {
      late = topic_.subscribe("late", [&](const int& n) { seen_ += std::to_string(n); });
    }
  });
  topic_.publish(1);
  EXPECT_EQ(seen_, "");
  topic_.publish(2);
  EXPECT_EQ(seen_, "2");
}

TEST_F(TopicTest, UnsubscribingInACallbackTakesEffectInTheSamePublish) {
  Subscription victim;
  const auto killer = topic_.subscribe("killer", [&](const int&) { victim.unsubscribe(); });
  victim = topic_.subscribe("victim", [&](const int&) { seen_ += "victim"; });
  topic_.publish(1);
  EXPECT_EQ(seen_, "");
}

TEST_F(TopicTest, ACallbackMayUnsubscribeItself) {
  Subscription own;
  own = topic_.subscribe("once", [&, big = std::string(100, 'x')](const int&) {
    own.unsubscribe();
    seen_ += big;  // its captures live until it returns
  });
  topic_.publish(1);
  topic_.publish(2);
  EXPECT_EQ(seen_.size(), 100U);
}

TEST_F(TopicTest, EndsWithItsHandle) {
  {
    const auto subscription = topic_.subscribe("short", [&](const int&) { seen_ += "x"; });
  }
  topic_.publish(1);
  EXPECT_EQ(seen_, "");
}

TEST_F(TopicTest, ASubscriptionMayOutliveTheBus) {
  Subscription subscription;
  {
    Bus bus;
    subscription = bus.topic<int>("/a").subscribe("survivor", [](const int&) {});
  }
  subscription.unsubscribe();
  EXPECT_FALSE(subscription.active());
}

TEST_F(TopicTest, UnsubscribeReturnsOnlyWhenNoOtherThreadIsInsideTheCallback) {
  std::atomic<bool> entered{false};
  std::atomic<bool> leave{false};
  std::atomic<bool> left{false};
  auto subscription = topic_.subscribe("slow", [&](const int&) {
    entered = true;
    while (!leave) {
      std::this_thread::yield();
    }
    left = true;
  });
  std::jthread publisher([&] { topic_.publish(1); });
  while (!entered) {
    std::this_thread::yield();
  }
  std::jthread releaser([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    leave = true;
  });
  subscription.unsubscribe();
  EXPECT_TRUE(left);
}

TEST_F(TopicTest, UnsubscribeDoesNotWaitForTheCallbacksOfOthers) {
  std::atomic<bool> entered{false};
  std::atomic<bool> leave{false};
  const auto slow = topic_.subscribe("slow", [&](const int&) {
    entered = true;
    while (!leave) {
      std::this_thread::yield();
    }
  });
  bool called = false;
  auto next = topic_.subscribe("next", [&](const int&) { called = true; });
  std::jthread publisher([&] { topic_.publish(1); });
  while (!entered) {
    std::this_thread::yield();
  }
  next.unsubscribe();  // would never return if it waited for `slow`
  leave = true;
  publisher.join();
  EXPECT_FALSE(called);
}

TEST_F(TopicTest, ACaptureMayOwnASubscriptionOfTheSameTopic) {
  auto inner = std::make_shared<Subscription>(topic_.subscribe("inner", [&](const int&) { seen_ += "inner"; }));
  Subscription outer;
  outer = topic_.subscribe("outer", [&outer, held = std::move(inner)](const int&) { outer.unsubscribe(); });
  topic_.publish(1);
  seen_.clear();
  const auto change = topic_.subscribe("change", [](const int&) {});  // frees outer's capture, which ends inner
  topic_.publish(2);
  EXPECT_EQ(seen_, "");
}

TEST_F(TopicTest, CapturesAreDestroyedWhenUnsubscribeReturnsEvenIfThisThreadIsPublishing) {
  auto capture = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = capture;
  auto victim = topic_.subscribe("victim", [held = std::move(capture)](const int&) {});
  bool expired = false;
  const auto killer = topic_.subscribe("killer", [&](const int&) {
    victim.unsubscribe();
    expired = watch.expired();
  });
  topic_.publish(1);
  EXPECT_TRUE(expired);
}

TEST_F(TopicTest, CapturesOfACallbackThatEndedItselfAreDestroyedWithTheHandle) {
  auto capture = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = capture;
  {
    Subscription own;
    own = topic_.subscribe("once", [&own, held = std::move(capture)](const int&) { own.unsubscribe(); });
    topic_.publish(1);
    EXPECT_FALSE(own.active());
  }
  EXPECT_TRUE(watch.expired());
}

TEST_F(TopicTest, ACallbackThatOwnsItsHandleAndEndsItselfIsFreedAtTheNextChange) {
  auto own = std::make_shared<Subscription>();
  const std::weak_ptr<Subscription> watch = own;
  *own = topic_.subscribe("once", [own](const int&) { own->unsubscribe(); });
  own.reset();
  topic_.publish(1);
  const auto change = topic_.subscribe("next", [](const int&) {});
  EXPECT_TRUE(watch.expired());
}

TEST_F(TopicTest, TheOwnersUnsubscribeWaitsEvenWhenTheCallbackHasEndedItself) {
  std::atomic<bool> ended{false};
  std::atomic<bool> leave{false};
  std::atomic<bool> left{false};
  Subscription own;
  own = topic_.subscribe("once", [&](const int&) {
    own.unsubscribe();
    ended = true;
    while (!leave) {
      std::this_thread::yield();
    }
    left = true;
  });
  std::jthread publisher([&] { topic_.publish(1); });
  while (!ended) {
    std::this_thread::yield();
  }
  std::jthread releaser([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    leave = true;
  });
  own.unsubscribe();
  EXPECT_TRUE(left);
}

TEST_F(TopicTest, OfTwoThreadsThatUnsubscribeAtOnceEachReturnsWhenTheCapturesAreDestroyed) {
  struct Slow {
    explicit Slow(std::atomic<bool>& begins, std::atomic<bool>& ends) : destroying(begins), destroyed(ends) {}
    ~Slow() {
      destroying = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      destroyed = true;
    }
    std::atomic<bool>& destroying;
    std::atomic<bool>& destroyed;
  };
  std::atomic<bool> destroying{false};
  std::atomic<bool> destroyed{false};
  auto subscription = topic_.subscribe("slow", [slow = std::make_unique<Slow>(destroying, destroyed)](const auto&) {});
  std::thread other([&] {
    subscription.unsubscribe();
    EXPECT_TRUE(destroyed);
  });
  while (!destroying) {
    std::this_thread::yield();
  }
  subscription.unsubscribe();
  EXPECT_TRUE(destroyed);
  other.join();
}

TEST_F(TopicTest, PublishAllocatesNothing) {
  auto& states = bus_.topic<messages::RobotState>("/state");
  double sum = 0;
  const auto subscription =
      states.subscribe("sum", [&](const messages::RobotState& state) { sum += state.joint_positions[0]; });
  messages::RobotState state;
  state.joint_positions = {1.0};
  states.publish(state);
  const testing::AllocationGuard guard;
  for (int i = 0; i < 1000; ++i) {
    states.publish(state);
  }
  EXPECT_EQ(guard.count(), 0U);
  EXPECT_EQ(sum, 1001.0);
}

TEST_F(TopicTest, RetainsMessagesWithMemoryOfTheirOwn) {
  auto& words = bus_.topic<std::string>("/words");
  words.publish("a text that is longer than a small string holds in place");
  EXPECT_EQ(words.latest()->size(), 56U);
}

TEST_F(TopicTest, TryLatestGivesTheLatestValueWithoutWaiting) {
  auto& words = bus_.topic<std::string>("/words");
  int number = 7;
  std::string word = "untouched";
  EXPECT_FALSE(topic_.try_latest(number));
  EXPECT_FALSE(words.try_latest(word));
  EXPECT_EQ(number, 7);
  EXPECT_EQ(word, "untouched");
  topic_.publish(8);
  words.publish("word");
  EXPECT_TRUE(topic_.try_latest(number));
  EXPECT_TRUE(words.try_latest(word));
  EXPECT_EQ(number, 8);
  EXPECT_EQ(word, "word");
}

TEST_F(TopicTest, WhoKeepsMessagesShareOneWhichIsTheLatestToo) {
  auto& words = bus_.topic<std::string>("/words");
  std::vector<std::shared_ptr<const std::string>> kept;
  const std::string* looked_at = nullptr;
  const auto keep = [&](const std::shared_ptr<const std::string>& word) { kept.push_back(word); };
  const auto first = words.subscribe_to_keep("first", keep);
  const auto looker = words.subscribe("looker", [&](const std::string& word) { looked_at = &word; });
  const auto second = words.subscribe_to_keep("second", keep);
  const std::string said = "word";
  words.publish(said);
  EXPECT_EQ(looked_at, &said);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0], kept[1]);
  EXPECT_EQ(*kept[0], "word");
  EXPECT_EQ(kept[0].use_count(), 3) << "with the latest value";
  EXPECT_EQ(words.latest(), "word");
}

TEST_F(TopicTest, AMessageThatIsGivenAwayIsKeptAsItIs) {
  std::shared_ptr<const int> kept;
  const auto subscription = topic_.subscribe_to_keep("keeper", [&](const auto& number) { kept = number; });
  const auto number = std::make_shared<const int>(7);
  topic_.publish(number);
  EXPECT_EQ(kept, number);
  EXPECT_EQ(topic_.latest(), 7);
  topic_.publish(8);
  EXPECT_EQ(*kept, 8);
  EXPECT_EQ(topic_.latest(), 8);

  auto& words = bus_.topic<std::string>("/words");
  words.publish(std::make_shared<const std::string>("shared"));
  std::string word;
  EXPECT_TRUE(words.try_latest(word));
  EXPECT_EQ(word, "shared");
  words.publish("copied");
  EXPECT_EQ(words.latest(), "copied");
  words.publish({});
  EXPECT_EQ(words.latest(), "");
}

/// A message whose copy, made under the topic's lock, waits: what try_latest meets when a publisher lost its CPU there.
struct SlowToCopy {
  std::atomic<bool>* copying{nullptr};
  std::atomic<bool>* go_on{nullptr};
  SlowToCopy() = default;
  SlowToCopy(std::atomic<bool>* started, std::atomic<bool>* released) : copying(started), go_on(released) {}
  SlowToCopy(const SlowToCopy& other) { *this = other; }
  SlowToCopy& operator=(const SlowToCopy& other) {
    if (this == &other) {
      return *this;
    }
    copying = other.copying;
    go_on = other.go_on;
    if (copying != nullptr) {
      *copying = true;
      while (!*go_on) {
        std::this_thread::yield();
      }
    }
    return *this;
  }
  ~SlowToCopy() = default;
};

TEST_F(TopicTest, TryLatestReturnsWhileAPublisherIsHeldUpInItsStore) {
  auto& slow = bus_.topic<SlowToCopy>("/slow");
  std::atomic<bool> copying{false};
  std::atomic<bool> go_on{false};
  std::jthread publisher([&] { slow.publish(SlowToCopy(&copying, &go_on)); });
  while (!copying) {
    std::this_thread::yield();
  }
  SlowToCopy value;
  EXPECT_FALSE(slow.try_latest(value));  // latest() would not return
  go_on = true;
  publisher.join();
  EXPECT_TRUE(slow.try_latest(value));
}

/// Publishers, and threads that subscribe and unsubscribe at random, on one topic. A callback that runs after its
/// unsubscribe returned touches freed memory, which the sanitizers see, and a poisoned flag, which this test sees.
TEST_F(TopicTest, SurvivesSubscribingAndUnsubscribingWhilePublishesRun) {
  struct Guest {
    std::atomic<bool> alive{true};
    std::atomic<int> calls{0};
  };
  std::atomic<bool> done{false};
  std::atomic<int> after_end{0};
  std::vector<std::jthread> threads;
  for (int p = 0; p < 2; ++p) {
    threads.emplace_back([&] {
      for (int i = 0; !done; ++i) {
        topic_.publish(i);
      }
    });
  }
  std::vector<std::jthread> churners;
  for (unsigned seed = 0; seed < 3; ++seed) {
    churners.emplace_back([&, seed] {
      std::mt19937 random(seed);
      for (int i = 0; i < 400; ++i) {
        auto guest = std::make_unique<Guest>();
        auto subscription = topic_.subscribe("guest", [&after_end, g = guest.get()](const int&) {
          after_end += g->alive ? 0 : 1;
          g->calls.fetch_add(1, std::memory_order_relaxed);
        });
        for (auto spin = random() % 200; spin > 0; --spin) {
          std::atomic_signal_fence(std::memory_order_seq_cst);
        }
        subscription.unsubscribe();
        guest->alive = false;
      }
    });
  }
  churners.clear();
  done = true;
  threads.clear();
  EXPECT_EQ(after_end, 0);
  EXPECT_EQ(bus_.topics()[0].subscribers, 0U);
}

TEST_F(TopicTest, RetainedValueIsNeverTornWithSeveralPublishers) {
  auto& states = bus_.topic<messages::RobotState>("/state");
  std::atomic<bool> done{false};
  std::vector<std::jthread> threads;
  for (int p = 1; p <= 2; ++p) {
    threads.emplace_back([&, p] {
      messages::RobotState state;
      state.joint_positions = core::JointVector::constant(core::kMaxJoints, p);
      state.joint_efforts = state.joint_positions;
      while (!done) {
        states.publish(state);
      }
    });
  }
  int read = 0;
  while (read < 20'000) {
    const auto state = states.latest();
    if (!state) {
      continue;
    }
    ++read;
    for (const double value : state->joint_positions) {
      ASSERT_EQ(value, state->joint_positions[0]);
    }
    ASSERT_EQ(state->joint_efforts, state->joint_positions);
  }
  done = true;
}

}  // namespace
}  // namespace takt::bus
