#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>

#include "takt/async/tasks/internal/inbox.hpp"

/// Where the handlers of an operation run. Internal to the Asio adapter.
namespace takt::async::internal {

struct LoopState;

/// An executor of Asio's that runs functions on a loop's thread: at once when called there, else by way of its inbox.
///
/// The io_context's own executor will not do for what another context's thread calls: such a thread still wakes and
/// counts after the loop has run the function, and the loop, which owns the io_context, may have ended by then. The
/// inbox is shared.
class LoopExecutor {
 public:
  /// @param context  the loop's, for who asks an executor for its context; used on the loop's thread only.
  LoopExecutor(const LoopState& loop, boost::asio::execution_context& context) noexcept;

  /// Any thread, while an operation keeps the loop from ending.
  template <class Function>
  void execute(Function&& function) const {
    if (!never_at_once_ && is_here()) {
      std::forward<Function>(function)();
    } else {
      inbox_->push(*new Posted<std::decay_t<Function>>(std::forward<Function>(function)));
    }
  }

  [[nodiscard]] boost::asio::execution_context& query(boost::asio::execution::context_t /*property*/) const noexcept {
    return *context_;
  }
  [[nodiscard]] boost::asio::execution::blocking_t query(
      boost::asio::execution::blocking_t /*property*/) const noexcept;
  [[nodiscard]] LoopExecutor require(boost::asio::execution::blocking_t::never_t never) const noexcept;
  [[nodiscard]] LoopExecutor require(boost::asio::execution::blocking_t::possibly_t possibly) const noexcept;

  bool operator==(const LoopExecutor& other) const noexcept = default;

 private:
  template <class Function>
  class Posted final : public InboxNode {
   public:
    explicit Posted(Function function) : function_(std::move(function)) {}

   private:
    void deliver() noexcept override {
      Function function = std::move(function_);
      delete this;  // its memory may be used again by what the function begins
      std::move(function)();
    }

    Function function_;
  };

  [[nodiscard]] bool is_here() const noexcept;

  const LoopState* loop_;
  boost::asio::execution_context* context_;
  std::shared_ptr<Inbox> inbox_;
  bool never_at_once_{false};
};

}  // namespace takt::async::internal
