#include "takt/node/parameters.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "takt/messages/packages/rcl_interfaces.hpp"
#include "takt/node/test/rig.hpp"

// Names that begin with N and a number are the lines of the conformance checklist.

namespace takt::node {
namespace {

using namespace testing;
namespace ros = rcl_interfaces;

TEST(ParametersTest, AreDeclaredWithTheirTypesAndRead) {
  Parameters parameters("/node", {});
  EXPECT_EQ(parameters.declare("gain", 2.5), 2.5);
  EXPECT_EQ(parameters.declare("count", std::int64_t{3}), 3);
  EXPECT_EQ(parameters.declare("name", std::string("arm")), "arm");
  EXPECT_EQ(parameters.get<double>("gain"), 2.5);
  EXPECT_THROW(static_cast<void>(parameters.get<bool>("gain")), LogicError);
  EXPECT_THROW(static_cast<void>(parameters.get("other")), LogicError);
  EXPECT_THROW(parameters.declare("gain", 1.0), LogicError);
  EXPECT_THROW(parameters.declare("", 1.0), LogicError);
}

TEST(ParametersTest, OverridesStandInWhenTheyAreOfTheType) {
  Parameters parameters("/node", {.overrides = {{"gain", 5.0}, {"count", std::string("many")}}});
  EXPECT_EQ(parameters.declare("gain", 2.5), 5.0);
  try {
    parameters.declare("count", std::int64_t{3});
    FAIL() << "was not refused";
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("count"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("integer"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(parameters.has("count"));
}

TEST(ParametersTest, KeepTheirTypeUnlessItIsDynamic) {
  Parameters parameters("/node", {});
  parameters.declare("fixed", 1.0);
  parameters.declare("dynamic", 1.0, {.dynamic_typing = true});
  parameters.declare("constant", 1.0, {.read_only = true});
  EXPECT_FALSE(parameters.set("fixed", std::int64_t{2}));
  EXPECT_TRUE(parameters.set("dynamic", std::int64_t{2}));
  EXPECT_EQ(parameters.get<std::int64_t>("dynamic"), 2);
  EXPECT_FALSE(parameters.set("constant", 2.0));
  EXPECT_THROW(parameters.undeclare("constant"), LogicError);
  EXPECT_FALSE(parameters.set("other", 2.0));
}

TEST(ParametersTest, StayInTheirRange) {
  Parameters parameters("/node", {});
  parameters.declare("gain", 0.5, {.floating_point_range = {{.from = 0.0, .to = 1.0, .step = 0.25}}});
  EXPECT_TRUE(parameters.set("gain", 0.75));
  EXPECT_FALSE(parameters.set("gain", 0.8));
  EXPECT_FALSE(parameters.set("gain", 1.1));
  EXPECT_FALSE(parameters.set("gain", std::numeric_limits<double>::quiet_NaN()));
  parameters.declare("count", std::int64_t{1}, {.integer_range = {{.from = 1, .to = 8, .step = 2}}});
  EXPECT_TRUE(parameters.set("count", std::int64_t{7}));
  EXPECT_TRUE(parameters.set("count", std::int64_t{8}));  // the end is good too
  EXPECT_FALSE(parameters.set("count", std::int64_t{4}));
  EXPECT_FALSE(parameters.set("count", std::int64_t{-1}));
  EXPECT_THROW(parameters.declare("bad", 2.0, {.floating_point_range = {{.from = 0.0, .to = 1.0, .step = 0.0}}}),
               ConfigError);
}

TEST(ParametersTest, AreSetTogetherOrNotAtAll) {
  Parameters parameters("/node", {});
  parameters.declare("one", 1.0);
  parameters.declare("two", 2.0);
  const std::vector<Parameter> bad = {{"one", 10.0}, {"two", true}};
  EXPECT_FALSE(parameters.set_atomically(bad));
  EXPECT_EQ(parameters.get<double>("one"), 1.0);
  const std::vector<Parameter> good = {{"one", 10.0}, {"two", 20.0}};
  EXPECT_TRUE(parameters.set_atomically(good));
  EXPECT_EQ(parameters.get<double>("two"), 20.0);
}

TEST(ParametersTest, ValidatorsAreAskedAndListenersToldWhileTheirHooksLive) {
  Parameters parameters("/node", {});
  parameters.declare("gain", 1.0);
  auto validator = parameters.on_set([](std::span<const Parameter> wanted) -> std::optional<std::string> {
    return std::get<double>(wanted.front().value) < 0.0 ? std::optional<std::string>("negative") : std::nullopt;
  });
  std::vector<Parameter> told;
  auto listener = parameters.on_changed(
      [&](const ParameterChange& change) { told.insert(told.end(), change.changed.begin(), change.changed.end()); });
  const auto refused = parameters.set("gain", -1.0);
  EXPECT_FALSE(refused);
  EXPECT_EQ(refused.error(), "negative");
  EXPECT_TRUE(parameters.set("gain", 2.0));
  EXPECT_EQ(told, (std::vector<Parameter>{{"gain", 2.0}}));
  validator = {};
  listener = {};
  EXPECT_TRUE(parameters.set("gain", -1.0));
  EXPECT_EQ(told.size(), 1U);
}

TEST(ParametersTest, UndeclaredOnesAreDeclaredBySettingWhereThatIsAllowed) {
  Parameters parameters("/node", {.allow_undeclared = true});
  EXPECT_EQ(parameters.get("new").index(), 0U);
  EXPECT_TRUE(parameters.set("new", true));
  EXPECT_TRUE(parameters.get<bool>("new"));
  EXPECT_TRUE(parameters.set("new", ParameterValue{}));
  EXPECT_FALSE(parameters.has("new"));
}

TEST(ParametersTest, AreListedByPrefixAndDepth) {
  Parameters parameters("/node", {});
  for (const char* name : {"a", "b.c", "b.d.e", "bb.f"}) {
    parameters.declare(name, true);
  }
  using Names = std::vector<std::string>;
  const std::vector<std::string> b = {"b"};
  EXPECT_EQ(parameters.list(), (Names{"a", "b.c", "b.d.e", "bb.f"}));
  EXPECT_EQ(parameters.list({}, 1), (Names{"a"}));
  EXPECT_EQ(parameters.list(b), (Names{"b.c", "b.d.e"}));
  EXPECT_EQ(parameters.list(b, 1), (Names{"b.c"}));
}

class ParameterServicesTest : public NodesTest {
 protected:
  /// Calls a service of the node from the other place.
  template <class S>
  Task<typename S::Response> call(const std::string& name, typename S::Request request) {
    auto client = caller.client<S>("/node/" + name);
    auto response = co_await client.call(std::move(request), {.timeout = 10s});
    if (!response) {
      throw DeviceError(name + ": " + to_string(response.error()));
    }
    co_return std::move(*response);
  }
  Task<void> inside(std::function<Task<void>()> body) { co_await with_node(node, caller, std::move(body)); }

  Node node{"node", near()};
  Node caller{"caller", far()};
};
INSTANTIATE_TEST_SUITE_P(, ParameterServicesTest, ::testing::ValuesIn(ways()), name_of);

TEST_P(ParameterServicesTest, N6AParameterIsSeenAndSetFromAnotherNode) {
  node.parameters().declare("answer", std::int64_t{42});
  run([&]() -> Task<void> {
    co_await inside([&]() -> Task<void> {
      const auto before = co_await call<ros::GetParameters>("get_parameters", {.names = {"answer"}});
      EXPECT_EQ(before.values.at(0).type, ros::ParameterType::PARAMETER_INTEGER);
      EXPECT_EQ(before.values.at(0).integer_value, 42);
      ros::Parameter wanted{.name = "answer", .value = before.values.at(0)};
      wanted.value.integer_value = 99;
      const auto set = co_await call<ros::SetParameters>("set_parameters", {.parameters = {wanted}});
      EXPECT_TRUE(set.results.at(0).successful);
      EXPECT_EQ(node.parameters().get<std::int64_t>("answer"), 99);
    });
  });
}

TEST_P(ParameterServicesTest, AnswerLikeRos) {
  node.parameters().declare(
      "gain", 1.5, {.description = "how much", .floating_point_range = {{.from = 0.0, .to = 2.0, .step = 0.0}}});
  node.parameters().declare("pid.p", true);
  run([&]() -> Task<void> {
    co_await inside([&]() -> Task<void> {
      const auto types = co_await call<ros::GetParameterTypes>("get_parameter_types", {.names = {"gain", "pid.p"}});
      EXPECT_EQ(types.types, (std::vector<std::uint8_t>{3, 1}));
      const auto unknown = co_await call<ros::GetParameters>("get_parameters", {.names = {"gain", "unknown"}});
      EXPECT_TRUE(unknown.values.empty());
      const auto described = co_await call<ros::DescribeParameters>("describe_parameters", {.names = {"gain"}});
      EXPECT_EQ(described.descriptors.at(0).description, "how much");
      EXPECT_EQ(described.descriptors.at(0).floating_point_range.size(), 1U);
      ros::ListParameters::Request request;
      request.prefixes = {"pid"};
      const auto list = co_await call<ros::ListParameters>("list_parameters", request);
      EXPECT_EQ(list.result.names, std::vector<std::string>{"pid.p"});
      EXPECT_EQ(list.result.prefixes, std::vector<std::string>{"pid"});
    });
  });
}

TEST_P(ParameterServicesTest, RefuseWhatIsNotThereOrOfNoTypeAndSayWhy) {
  node.parameters().declare("gain", 1.5);
  run([&]() -> Task<void> {
    co_await inside([&]() -> Task<void> {
      ros::Parameter unknown{.name = "unknown", .value = {}};
      unknown.value.type = ros::ParameterType::PARAMETER_BOOL;
      ros::Parameter no_type{.name = "gain", .value = {}};
      no_type.value.type = 77;
      ros::Parameter good{.name = "gain", .value = {}};
      good.value.type = ros::ParameterType::PARAMETER_DOUBLE;
      good.value.double_value = 2.0;
      const auto set = co_await call<ros::SetParameters>("set_parameters", {.parameters = {unknown, no_type, good}});
      EXPECT_FALSE(set.results.at(0).successful);
      EXPECT_NE(set.results.at(0).reason.find("unknown"), std::string::npos);
      EXPECT_FALSE(set.results.at(1).successful);
      EXPECT_NE(set.results.at(1).reason.find("77"), std::string::npos);
      EXPECT_TRUE(set.results.at(2).successful);
      const auto all =
          co_await call<ros::SetParametersAtomically>("set_parameters_atomically", {.parameters = {good, unknown}});
      EXPECT_FALSE(all.result.successful);
    });
  });
}

TEST_P(ParameterServicesTest, N31ParameterEventsCarryWhatWasDeclaredChangedAndDeleted) {
  auto events = caller.subscribe<ros::ParameterEvent>("/parameter_events");
  node.parameters().declare("gain", 1.5);
  EXPECT_TRUE(node.parameters().set("gain", 2.5));
  node.parameters().undeclare("gain");
  run([&]() -> Task<void> {
    std::vector<ros::ParameterEvent> seen;
    while (seen.size() < 3) {
      const auto event = co_await async::with_timeout(10s, events.next());
      if (!event) {
        break;
      }
      seen.push_back(event->message);
    }
    EXPECT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen.at(0).node, "/node");
    EXPECT_EQ(seen.at(0).new_parameters.at(0).name, "gain");
    EXPECT_EQ(seen.at(0).new_parameters.at(0).value.double_value, 1.5);
    EXPECT_EQ(seen.at(1).changed_parameters.at(0).value.double_value, 2.5);
    EXPECT_EQ(seen.at(2).deleted_parameters.at(0).name, "gain");
  });
}

TEST_P(ParameterServicesTest, UseSimTimeIsAParameter) {
  run([&]() -> Task<void> {
    co_await inside([&]() -> Task<void> {
      EXPECT_FALSE(node.clock().simulated());
      ros::Parameter wanted{.name = "use_sim_time", .value = {}};
      wanted.value.type = ros::ParameterType::PARAMETER_BOOL;
      wanted.value.bool_value = true;
      static_cast<void>(co_await call<ros::SetParameters>("set_parameters", {.parameters = {wanted}}));
      EXPECT_TRUE(node.clock().simulated());
    });
  });
}

TEST_P(ParameterServicesTest, OverridesMayBeDeclaredAllAtOnceAndServicesLeftOut) {
  Node quiet("quiet", near(),
             {.parameters = {.overrides = {{"gain", 3.0}}},
              .declare_overrides = true,
              .parameter_services = false,
              .rosout = false,
              .type_description_service = false});
  EXPECT_EQ(quiet.parameters().get<double>("gain"), 3.0);
  EXPECT_TRUE(quiet.graph().of_node("/quiet", Graph::Kind::kServer).empty());
  EXPECT_TRUE(quiet.graph().of_node("/quiet", Graph::Kind::kPublisher).empty());
  EXPECT_THROW(Node("bad", near(), {.parameters = {.overrides = {{"use_sim_time", 3.0}}}}), ConfigError);
  EXPECT_FALSE(quiet.graph().has_node("/bad"));
}

}  // namespace
}  // namespace takt::node
