#include <gtest/gtest.h>

#include "takt/async/test/isolate_helpers.hpp"
#include "takt/async/zygote.hpp"

int main(int argc, char** argv) {
  if (const auto code = takt::async::run_role({argv + 1, argv + argc})) {
    return *code;
  }
  const takt::async::Zygote zygote;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
