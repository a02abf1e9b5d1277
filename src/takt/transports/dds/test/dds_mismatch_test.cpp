#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "takt/transports/dds/test/dds_topic_rig.hpp"

// Ends that do not fit are told, naming both.
namespace takt::dds {
namespace {

using test::DdsTopic;
using test::eventually;
using test::own;

struct Complaint {
  std::mutex mutex;
  std::string text;
  bus::EndpointEvents events() {
    return test::on_incompatible([this](const std::string& reason) {
      const std::lock_guard lock(mutex);
      text += reason + "\n";
    });
  }
  std::string wait() {
    (void)eventually([this] {
      const std::lock_guard lock(mutex);
      return !text.empty();
    });
    const std::lock_guard lock(mutex);
    return text;
  }
};

TEST_F(DdsTopic, AMismatchOfQosIsToldAtBothEndsNamingBoth) {
  Complaint offering;
  Complaint asking;
  here->add_node({.name = "/talker"});
  there->add_node({.name = "/ns/listener"});
  const auto publisher = here->advertise(test::topic(own("/qos"), bus::Qos::latest(), "/talker"), offering.events());
  const auto subscription = there->subscribe(test::topic(own("/qos"), {}, "/ns/listener"), asking.events());
  EXPECT_EQ(offering.wait(), "'" + own("/qos") +
                                 "': the publisher of /talker and the subscription of /ns/listener do not match: "
                                 "reliable is asked for, best effort is offered\n");
  EXPECT_EQ(asking.wait(), "'" + own("/qos") +
                               "': the subscription of /ns/listener and the publisher of /talker do not match: "
                               "reliable is asked for, best effort is offered\n");
  EXPECT_EQ(publisher->matched().current, 0U);
}

TEST_F(DdsTopic, AnotherTypeIsToldAtBothEndsNamingBoth) {
  Complaint first;
  Complaint second;
  here->add_node({.name = "/talker"});
  const auto publisher = here->advertise(test::topic(own("/type"), {}, "/talker"), first.events());
  bus::TopicEndpoint other = test::topic(own("/type"));
  other.type.name = "std_msgs/msg/Int32";
  const auto subscription = there->subscribe(other, second.events());
  EXPECT_TRUE(first.wait().contains("the types are std_msgs/msg/String and std_msgs/msg/Int32")) << first.wait();
  EXPECT_TRUE(second.wait().contains("the subscription of this process and the publisher of /talker")) << second.wait();
  EXPECT_EQ(publisher->matched().current, 0U);
  EXPECT_EQ(subscription->matched().current, 0U);
}

TEST_F(DdsTopic, APeerThatDoesNotFitIsToldOnceHoweverManyComeAfterIt) {
  Complaint complaint;
  const auto publisher = here->advertise(test::topic(own("/once"), bus::Qos::latest()), complaint.events());
  const auto misfit = there->subscribe(test::topic(own("/once")), {});
  const std::string first = complaint.wait();
  EXPECT_FALSE(first.empty());
  std::vector<std::unique_ptr<bus::TransportSubscription>> fitting;
  for (std::size_t i = 1; i <= 3; ++i) {
    fitting.push_back(there->subscribe(test::topic(own("/once"), bus::Qos::latest()), {}));
    ASSERT_TRUE(eventually([&] { return publisher->matched().current == i; }));
  }
  const auto another = there->subscribe(test::topic(own("/once")), {});
  EXPECT_TRUE(eventually([&] { return complaint.wait() != first; }));
  EXPECT_EQ(std::ranges::count(complaint.wait(), '\n'), 2) << complaint.wait();
}

}  // namespace
}  // namespace takt::dds
