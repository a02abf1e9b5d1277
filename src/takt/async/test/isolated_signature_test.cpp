#include "takt/async/internal/isolated_signature.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace takt::async {

using namespace internal;
namespace {

struct Probe {
  void set(const std::string& text, std::vector<double> values) noexcept {
    set_ = text;
    values_ = std::move(values);
  }
  [[nodiscard]] const std::string& get() const& noexcept { return set_; }
  std::string take(std::string&& text) { return std::move(text); }
  int count{0};

 private:
  std::string set_;
  std::vector<double> values_;
};

using Set = MethodSignature<&Probe::set>;
static_assert(std::is_same_v<Set::Arguments, std::tuple<std::string, std::vector<double>>>);
static_assert(std::is_void_v<Set::Result>);
static_assert(std::is_same_v<MethodSignature<&Probe::get>::Result, std::string>);
static_assert(std::is_same_v<MethodSignature<&Probe::count>::Result, int>);
static_assert(std::is_same_v<FactorySignature<double (*)(int) noexcept>::Arguments, std::tuple<int>>);

static_assert(kTravelsInto<const std::string&>);
static_assert(kTravelsInto<std::string&&>);
static_assert(!kTravelsInto<std::string&>);
static_assert(!kTravelsInto<const char*>);
static_assert(!kTravelsInto<Probe>);

TEST(SignatureTest, ValuesAreMovedIntoParametersThatTakeThem) {
  std::tuple<std::string> arguments("a text that does not fit into the string object itself");
  Probe probe;
  const std::string taken =
      MethodSignature<&Probe::take>::apply([&](std::string&& text) { return probe.take(std::move(text)); }, arguments);
  EXPECT_EQ(taken, "a text that does not fit into the string object itself");
  EXPECT_TRUE(std::get<0>(arguments).empty());
}

TEST(SignatureTest, MethodsAreNamedAsTheyAreWritten) {
  EXPECT_NE(method_name<&Probe::take>().find("Probe::take"), std::string_view::npos) << method_name<&Probe::take>();
}

}  // namespace
}  // namespace takt::async
