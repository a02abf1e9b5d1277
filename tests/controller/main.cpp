#include <string>

#include <gtest/gtest.h>

#include "roles.hpp"

int main(int argc, char** argv) {
  if (argc == 3) {
    const std::string role = argv[1];
    const std::string name = argv[2];
    if (role == "serve") {
      return takt::test::serve(name);
    }
    if (role == "stream") {
      return takt::test::stream(name);
    }
    if (role == "ask") {
      return takt::test::ask(name);
    }
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
