#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/messages/packages/rcl_interfaces/parameters.hpp"

#include "typed_call.hpp"

namespace takt::app {

/// The parameters of a node elsewhere, through its services. All calls: @throws DeviceError when it does not answer in
/// time. Cancellation: Cancelled.
class RemoteParameters {
 public:
  using Parameter = rcl_interfaces::Parameter;
  using SetResult = rcl_interfaces::SetParametersResult;

  /// @param session  outlives it @param node  fully qualified @param limit  of each call
  RemoteParameters(BusSession& session, std::string node, async::Duration limit)
      : session_(session), node_(std::move(node)), limit_(limit) {}

  /// Until its services show. @throws DeviceError when they do not in time; ConfigError when no bus has a graph
  [[nodiscard]] async::Task<void> wait();

  [[nodiscard]] async::Task<std::vector<std::string>> names();
  /// In their order; what is not declared is not set.
  [[nodiscard]] async::Task<std::vector<Parameter>> get(std::vector<std::string> names);
  /// A result for each. Values become what the parameters of now take, where they can (parameter_value.hpp); what has
  /// its value already is left alone, and "unchanged".
  [[nodiscard]] async::Task<std::vector<SetResult>> set(std::vector<Parameter> parameters);

  [[nodiscard]] const std::string& node() const noexcept { return node_; }

 private:
  template <messages::RosService S>
  async::Task<typename S::Response> call(std::string service, typename S::Request request) {
    std::string name = node_ + "/" + service;
    auto response = co_await async::with_timeout(limit_, call_service<S>(session_, name, std::move(request)));
    if (!response) {
      throw DeviceError(name + " did not answer in time");
    }
    co_return std::move(*response);
  }

  BusSession& session_;
  std::string node_;
  async::Duration limit_;
};

}  // namespace takt::app
