#include "takt/node/graph.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "takt/node/test/rig.hpp"

// Names that begin with N and a number are the lines of the conformance checklist.

namespace takt::node {
namespace {

using namespace testing;

class GraphTest : public NodesTest {
 protected:
  static NodeOptions bare(std::string node_namespace) {
    return {.node_namespace = std::move(node_namespace),
            .parameter_services = false,
            .rosout = false,
            .type_description_service = false};
  }
  Node node{"test_graph_node", near(), bare("/test_ns")};
  Node other{"other", far(), bare("/")};
};
INSTANTIATE_TEST_SUITE_P(, GraphTest, ::testing::ValuesIn(ways()), name_of);

using NamesAndTypes = Graph::NamesAndTypes;

struct Feedback {
  static constexpr std::string_view kRosName = "example_interfaces/action/Fibonacci_FeedbackMessage";
  int progress{0};
};
BOOST_DESCRIBE_STRUCT(Feedback, (), (progress))

TEST_P(GraphTest, N11ShowsTopicsServicesActionsAndNodes) {
  static_cast<void>(other.publisher<Text>("/texts"));
  static_cast<void>(node.publisher<Feedback>("/fibonacci/_action/feedback"));
  other.serve<SetBool>("/set_bool", [](const SetBoolRequest&) { return SetBoolResponse{}; });
  const Graph graph = node.graph();
  EXPECT_EQ(graph.topics().at("/texts"), std::set<std::string>{"std_msgs/msg/String"});
  EXPECT_EQ(graph.services().at("/set_bool"), std::set<std::string>{"std_srvs/srv/SetBool"});
  EXPECT_EQ(graph.actions(), (NamesAndTypes{{"/fibonacci", {"example_interfaces/action/Fibonacci"}}}));
  EXPECT_EQ(node.name(), "/test_ns/test_graph_node");
  EXPECT_TRUE(graph.has_node("/test_ns/test_graph_node"));
  EXPECT_TRUE(graph.has_node("/other"));
  EXPECT_EQ(graph.nodes().size(), 2U);
  EXPECT_TRUE(std::ranges::all_of(graph.nodes(), [](const bus::NodeInfo& info) { return info.enclave == "/"; }));
}

TEST_P(GraphTest, N13EndpointsOfATopicNameTheirNode) {
  static_cast<void>(other.publisher<Text>("/texts", {.qos = bus::Qos::latched()}));
  const auto publishers = node.graph().publishers("/texts");
  ASSERT_EQ(publishers.size(), 1U);
  EXPECT_EQ(publishers.front().node, "/other");
  EXPECT_EQ(publishers.front().type.name, "std_msgs/msg/String");
  EXPECT_EQ(publishers.front().qos.durability, bus::Durability::kTransientLocal);
  EXPECT_TRUE(node.graph().subscriptions("/texts").empty());
}

TEST_P(GraphTest, N14ListsWhatANodeHas) {
  static_cast<void>(other.publisher<Text>("/texts"));
  static_cast<void>(other.subscribe<Number>("/numbers"));
  static_cast<void>(other.client<SetBool>("/set_bool"));
  other.serve<Add>("/add", [](const AddRequest&) { return AddResponse{}; });
  const Graph graph = node.graph();
  EXPECT_EQ(graph.of_node("/other", Graph::Kind::kPublisher), (NamesAndTypes{{"/texts", {"std_msgs/msg/String"}}}));
  EXPECT_EQ(graph.of_node("/other", Graph::Kind::kSubscription), (NamesAndTypes{{"/numbers", {"std_msgs/msg/Int64"}}}));
  EXPECT_EQ(graph.of_node("/other", Graph::Kind::kClient), (NamesAndTypes{{"/set_bool", {"std_srvs/srv/SetBool"}}}));
  EXPECT_EQ(graph.of_node("/other", Graph::Kind::kServer),
            (NamesAndTypes{{"/add", {"example_interfaces/srv/AddTwoInts"}}}));
  EXPECT_EQ(graph.clients("/set_bool").size(), 1U);
  EXPECT_EQ(graph.servers("/add").size(), 1U);
  EXPECT_TRUE(graph.of_node("/test_ns/test_graph_node", Graph::Kind::kPublisher).empty());
}

}  // namespace
}  // namespace takt::node
