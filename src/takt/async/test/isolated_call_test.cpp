#include "takt/async/internal/isolated_call.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/describe.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include "takt/async/test/isolate_helpers.hpp"

namespace takt::async {

using namespace internal;

struct Pose {
  double x{0.0};
  double y{0.0};
  std::string frame;

  friend bool operator==(const Pose&, const Pose&) = default;
};
BOOST_DESCRIBE_STRUCT(Pose, (), (x, y, frame))

struct Observation {
  std::vector<double> image;
  std::optional<Pose> pose;
};
BOOST_DESCRIBE_STRUCT(Observation, (), (image, pose))

struct OutOfReach : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Immovable, as objects with a model in them are.
class Policy {
 public:
  Policy(std::string checkpoint, int scale) : checkpoint_(std::move(checkpoint)), scale_(scale) {}
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;

  void reset(const Pose& pose) { pose_ = pose; }
  [[nodiscard]] Pose pose() const { return pose_; }
  [[nodiscard]] const std::string& checkpoint() const noexcept { return checkpoint_; }
  double sum(Observation observation) noexcept {
    image_ = std::move(observation.image);
    double total = 0.0;
    for (const double value : image_) {
      total += value;
    }
    return total * scale_;
  }
  void reach(double distance) {
    if (distance > 1.0) {
      throw OutOfReach("1 m is the end, asked for " + std::to_string(distance));
    }
  }
  void throw_number() { throw 7; }
  std::vector<double> large(std::uint32_t count) { return std::vector<double>(count, 1.0); }
  int process() { return getpid(); }
  void hang() {
    while (true) {
      pause();
    }
  }

  int calls{41};

 private:
  std::string checkpoint_;
  int scale_;
  Pose pose_;
  std::vector<double> image_;
};

namespace {

using Isolated = Blocking<Policy>;

Policy make_policy(const std::string& checkpoint, int scale) {
  return {checkpoint, scale};
}

std::unique_ptr<Policy> make_pointed(bool made) {
  return made ? std::make_unique<Policy>("pointed", 1) : nullptr;
}

IsolateOptions named() {
  return {.name = "policy", .max_message_bytes = 64 * 1024};
}

TEST(IsolatedCallTest, ArgumentsAndResultsAreWhatTheyWereInTheOtherProcess) {
  Isolated policy(named(), &make_policy, std::string("checkpoint.pt"), 2);
  EXPECT_NE(policy.call<&Policy::process>(), getpid());
  const Pose pose{1.5, -2.5, "base"};
  policy.call<&Policy::reset>(pose);
  EXPECT_EQ(policy.call<&Policy::pose>(), pose);
  EXPECT_EQ(policy.call<&Policy::checkpoint>(), "checkpoint.pt");
  EXPECT_EQ(policy.call<&Policy::sum>(Observation{{1.0, 2.0, 3.0}, pose}), 12.0);
}

TEST(IsolatedCallTest, ReadsADataMember) {
  Isolated policy(named(), &make_policy, std::string(), 1);
  EXPECT_EQ(policy.call<&Policy::calls>(), 41);
}

TEST(IsolatedCallTest, TheFactoryMayBeALambdaOrGiveAPointer) {
  Isolated by_lambda(
      named(), [](std::string name) { return std::make_unique<Policy>(std::move(name), 3); }, std::string("lambda"));
  EXPECT_EQ(by_lambda.call<&Policy::checkpoint>(), "lambda");
  Isolated by_pointer(named(), &make_pointed, true);
  EXPECT_EQ(by_pointer.call<&Policy::checkpoint>(), "pointed");
}

TEST(IsolatedCallTest, AFactoryThatFailsIsAnErrorWithItsReason) {
  EXPECT_THROW(Isolated(named(), &make_pointed, false), Error);
  try {
    const Isolated policy(named(), [](int) -> Policy { throw OutOfReach("no checkpoint"); }, 1);
    ADD_FAILURE() << "the factory had thrown";
  } catch (const IsolatedError& error) {
    EXPECT_EQ(error.type_name(), "takt::async::OutOfReach");
    EXPECT_EQ(error.text(), "no checkpoint");
  }
}

TEST(IsolatedCallTest, AnExceptionArrivesWithTypeNameAndTextAndTheObjectLivesOn) {
  Isolated policy(named(), &make_policy, std::string("kept"), 1);
  try {
    policy.call<&Policy::reach>(2.5);
    ADD_FAILURE() << "2.5 m is out of reach";
  } catch (const IsolatedError& error) {
    EXPECT_EQ(error.type_name(), "takt::async::OutOfReach");
    EXPECT_EQ(error.text(), "1 m is the end, asked for 2.500000");
    EXPECT_STREQ(error.what(), "isolated 'policy' threw takt::async::OutOfReach: 1 m is the end, asked for 2.500000");
  }
  EXPECT_EQ(policy.call<&Policy::checkpoint>(), "kept");
}

TEST(IsolatedCallTest, AThrownNumberArrivesAsItsType) {
  Isolated policy(named(), &make_policy, std::string(), 1);
  try {
    policy.call<&Policy::throw_number>();
    ADD_FAILURE() << "7 was thrown";
  } catch (const IsolatedError& error) {
    EXPECT_EQ(error.type_name(), "int");
    EXPECT_EQ(error.text(), "");
  }
}

TEST(IsolatedCallTest, ArgumentsThatDoNotFitAreRefusedBeforeAnythingIsSent) {
  Isolated policy(named(), &make_policy, std::string(), 1);
  try {
    policy.call<&Policy::sum>(Observation{std::vector<double>(10'000), {}});
    ADD_FAILURE() << "80 kB do not fit in 64 KiB";
  } catch (const MessageTooLarge& error) {
    EXPECT_TRUE(contains(error.what(), "Policy::sum"));
    EXPECT_TRUE(contains(error.what(), "more than the 65536 of max_message_bytes"));
  }
  EXPECT_FALSE(policy.process.busy());
  EXPECT_EQ(policy.call<&Policy::calls>(), 41);
}

TEST(IsolatedCallTest, AResultThatDoesNotFitIsAnErrorAndTheObjectLivesOn) {
  Isolated policy(named(), &make_policy, std::string(), 1);
  EXPECT_THROW(policy.call<&Policy::large>(std::uint32_t{10'000}), Error);
  EXPECT_EQ(policy.call<&Policy::large>(std::uint32_t{3}), std::vector<double>(3, 1.0));
}

TEST(IsolatedCallTest, AResultThatCannotBeDecodedIsAnError) {
  Isolated policy(named(), &make_policy, std::string(), 1);
  const Dispatcher nonsense = [](ServedCall& call) {
    call.reply[0] = std::byte{0xFF};
    return std::size_t{1};
  };
  EXPECT_THROW((void)result_of<&Policy::pose>(policy.process, call_raw(policy.process, nonsense)), Error);
}

TEST(IsolatedCallTest, ArgumentsThatTheChildCannotDecodeAreAnError) {
  Isolated policy(named(), &make_policy, std::string(), 1);
  const Reply reply = call_raw(policy.process, &child::serve_method<Policy, &Policy::reset>);
  EXPECT_THROW((void)value_bytes(policy.process, reply), Error);
  EXPECT_EQ(policy.call<&Policy::calls>(), 41);
}

TEST(IsolatedCallTest, StoppingDestroysTheObjectThereAndEndsItsProcess) {
  struct Loud {
    ~Loud() { _exit(17); }
    int value{0};
  };
  Blocking<Loud> loud(named(), [] { return std::make_unique<Loud>(); });
  EXPECT_THROW((void)loud.stop(), ChildCrashed);  // its destructor ran, and left before the answer
  EXPECT_EQ(loud.process.try_end(), (ProcessEnd{ProcessEnd::Kind::kExited, 17}));
  Isolated policy(named(), &make_policy, std::string(), 1);
  EXPECT_EQ(policy.stop(), (ProcessEnd{ProcessEnd::Kind::kExited, 0}));
}

TEST(IsolatedCallTest, AHungCallKillsTheChildAtItsDeadline) {
  Isolated policy(named(), &make_policy, std::string(), 1);
  EXPECT_THROW(policy.call_within<&Policy::hang>(std::chrono::milliseconds(10)), ChildHung);
}

}  // namespace
}  // namespace takt::async
