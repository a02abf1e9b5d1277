#include "takt/node/waitable.hpp"

#include <utility>

#include "takt/core/error.hpp"
#include "takt/node/internal/node_core.hpp"
#include "takt/node/internal/waitable_core.hpp"

namespace takt::node::internal {
namespace {

async::Task<void> keep(async::Task<bool> task, bool* result) {
  *result = co_await std::move(task);
}

}  // namespace

WaitableCore::WaitableCore(std::shared_ptr<NodeCore> node, const std::string& name, std::shared_ptr<Waitable> waitable,
                           const WaitableOptions& options)
    : Entity(std::move(node), "waitable", name),
      waitable_(std::move(waitable)),
      options_(options),
      failures_(options.on_failure, title()) {
  if (waitable_ == nullptr || options_.execute_per_turn == 0) {
    throw LogicError(title() + ": want a waitable, and execute_per_turn above 0");
  }
}

void WaitableCore::begin_drain() noexcept {
  draining_ = true;
  ready_.ring();
}

async::Task<void> WaitableCore::run() {
  Bells::Listening ready(ready_, title());
  waitable_->set_on_ready([this] { ready_.ring(); });
  for (;;) {
    std::size_t executed = 0;
    bool more = true;
    while (more && executed < options_.execute_per_turn && !destroyed() && !failures_.pause_due()) {
      const auto execute = [&] { return keep(waitable_->execute(), &more); };
      const std::exception_ptr error = co_await thrown_by_task(execute);
      if (error == nullptr) {
        failures_.succeeded();
      } else {
        failures_.apply(error);
      }
      ++executed;
    }
    if (destroyed() || (draining_ && !more)) {
      co_return;
    }
    if (failures_.pause_due()) {
      co_await failures_.pause();
    } else if (more) {
      co_await ready.next_turn();
    } else {
      co_await ready;
    }
  }
}

void WaitableCore::close() noexcept {
  waitable_->set_on_ready({});
}

}  // namespace takt::node::internal
