#include "takt/node/parameter.hpp"

#include <gtest/gtest.h>

#include "takt/node/internal/parameter_messages.hpp"

namespace takt::node {
namespace {

TEST(ParameterTest, EveryKindHasItsNumberInRosAndComesBack) {
  const std::vector<ParameterValue> values = {std::monostate{},
                                              true,
                                              std::int64_t{-3},
                                              2.5,
                                              std::string("text"),
                                              std::vector<std::byte>{std::byte{7}},
                                              std::vector<bool>{true, false},
                                              std::vector<std::int64_t>{1, 2},
                                              std::vector<double>{0.5},
                                              std::vector<std::string>{"a", "b"}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto message = internal::to_message(values[i]);
    EXPECT_EQ(message.type, i);
    EXPECT_EQ(internal::from_message(message), values[i]) << type_name(values[i]);
  }
  rcl_interfaces::ParameterValue unknown;
  unknown.type = 10;
  EXPECT_FALSE(internal::from_message(unknown));
}

TEST(ParameterTest, ARefusalNamesValueAndRange) {
  const ParameterDescriptor descriptor{.integer_range = {{.from = 0, .to = 10, .step = 0}}};
  EXPECT_FALSE(refusal(descriptor, std::int64_t{10}));
  const auto reason = refusal(descriptor, std::int64_t{11});
  ASSERT_TRUE(reason);
  EXPECT_NE(reason->find("11"), std::string::npos);
  EXPECT_NE(reason->find("[0, 10]"), std::string::npos);
}

}  // namespace
}  // namespace takt::node
