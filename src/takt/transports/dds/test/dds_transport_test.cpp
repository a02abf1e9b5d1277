#include "takt/transports/dds/dds_transport.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "takt/core/error.hpp"
#include "takt/transports/dds/test/dds_test.hpp"

namespace takt::dds {
namespace {

using test::eventually;
using test::own;

TEST(DdsTransport, OpensAndCloses) {
  const auto transport = test::open();
  EXPECT_EQ(transport->scheme(), "dds");
  EXPECT_TRUE(has(transport->capabilities(), bus::Capability::kGraph));
  EXPECT_FALSE(has(transport->capabilities(), bus::Capability::kEncrypted));
}

TEST(DdsTransport, TwoTransportsOfOneProcessHearEachOther) {
  const auto here = test::open();
  const auto there = test::open();
  const auto publisher = here->advertise(test::topic(own("/pair")), {});
  const auto subscription = there->subscribe(test::topic(own("/pair")), {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1 && subscription->matched().current == 1; }));
  ASSERT_TRUE(publisher->publish(test::text("hello")));
  std::vector<std::string> taken;
  ASSERT_TRUE(eventually([&] {
    taken = test::take_texts(*subscription);
    return !taken.empty();
  }));
  EXPECT_EQ(taken, std::vector<std::string>{"hello"});
}

}  // namespace
}  // namespace takt::dds
