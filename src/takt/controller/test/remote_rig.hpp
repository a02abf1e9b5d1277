#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "takt/async/tasks/exception_group.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/controller/remote_controller.hpp"
#include "takt/controller/server.hpp"
#include "takt/controller/test/controller_contract.hpp"
#include "takt/controller/test/own_folder.hpp"

namespace takt::controller::testing {

/// Runs `body` beside a server of that name with a TestArm; then the server ends.
inline Task<void> with_server(TestWorld& world, ControllerOptions options, std::string name,
                              std::function<Task<void>(Server&)> body) {
  Server server(std::make_unique<TestArm>(world),
                ServerOptions{.name = std::move(name), .controller = std::move(options)});
  std::exception_ptr error;
  co_await async::with_nursery([&](async::Nursery& nursery) -> Task<async::Join> {
    nursery.start("server", server.run());
    try {
      co_await body(server);
    } catch (const std::exception&) {
      error = std::current_exception();
    }
    co_return async::kCancel;
  });
  if (error != nullptr) {
    std::rethrow_exception(error);
  }
}

/// A RemoteController and its server on the test's own loop.
struct RemoteRig {
  static Task<void> run(TestWorld& world, ControllerOptions options, Body body) {
    const test::OwnFolder folder;
    co_await with_server(world, std::move(options), "test", [&](Server& /*server*/) -> Task<void> {
      const auto controller = co_await RemoteController::connect("test", {.clock = &world.clock});
      co_await body(*controller);
    });
  }
};

}  // namespace takt::controller::testing
