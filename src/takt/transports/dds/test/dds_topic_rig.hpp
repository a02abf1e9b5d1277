#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "takt/transports/dds/test/dds_test.hpp"

namespace takt::dds::test {

/// Two transports, and publishers and subscriptions between them over the loopback interface.
class DdsTopic : public testing::Test {
 protected:
  /// Publishes until it is taken away from us, as publish_when_ready does.
  static void publish(bus::TransportPublisher& publisher, std::string_view text) {
    ASSERT_TRUE(eventually([&] { return publisher.publish(test::text(text)).has_value(); }));
  }

  static std::vector<std::string> take(bus::TransportSubscription& subscription, std::size_t count) {
    std::vector<std::string> taken;
    EXPECT_TRUE(eventually([&] {
      const auto more = take_texts(subscription);
      taken.insert(taken.end(), more.begin(), more.end());
      return taken.size() >= count;
    })) << "got "
        << taken.size();
    return taken;
  }

  /// Both ends know of each other: from then on nothing is lost.
  static bool paired(const bus::TransportPublisher& publisher, const bus::TransportSubscription& subscription) {
    return eventually([&] { return publisher.matched().current == 1 && subscription.matched().current == 1; });
  }

  const std::shared_ptr<bus::Transport> here = open();
  const std::shared_ptr<bus::Transport> there = open();
};

}  // namespace takt::dds::test
