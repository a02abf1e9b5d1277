#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>

#include "takt/async/asio/internal/loop_executor.hpp"
#include "takt/async/tasks/internal/inbox.hpp"
#include "takt/async/tasks/wait.hpp"

/// How an asynchronous operation of Asio becomes a Wait. Internal to the Asio adapter; users see use_task.hpp.
namespace takt::async::internal {

struct LoopState;

/// Memory of handlers, from the pool of coroutine frames.
template <class T>
struct FrameAllocator {
  using value_type = T;

  FrameAllocator() = default;
  template <class U>
  explicit(false) FrameAllocator(const FrameAllocator<U>& /*other*/) noexcept {}

  [[nodiscard]] T* allocate(std::size_t count) {
    if constexpr (alignof(T) > alignof(std::max_align_t)) {
      return std::allocator<T>().allocate(count);
    } else {
      return static_cast<T*>(allocate_frame(count * sizeof(T)));
    }
  }
  void deallocate(T* block, std::size_t count) noexcept {
    if constexpr (alignof(T) > alignof(std::max_align_t)) {
      std::allocator<T>().deallocate(block, count);
    } else {
      free_frame(block, count * sizeof(T));
    }
  }
  bool operator==(const FrameAllocator& other) const = default;
};

/// Whether what an operation gave says that it was called off.
[[nodiscard]] bool was_aborted(const boost::system::error_code& error) noexcept;
[[nodiscard]] bool was_aborted(const std::exception_ptr& error) noexcept;
template <class T>
[[nodiscard]] bool was_aborted(const T& /*result*/) noexcept {
  return false;
}
template <class First, class... Rest>
[[nodiscard]] bool was_aborted(const std::tuple<First, Rest...>& results) noexcept {
  return was_aborted(std::get<0>(results));
}

/// The half of an operation that knows neither its results nor that it is a Wait.
class AsioOperationBase : public InboxNode {
 public:
  /// The handler was called, or went away without having been called. Any thread.
  void settle() noexcept;

  [[nodiscard]] LoopExecutor executor() const noexcept { return {*loop_, *context_}; }
  [[nodiscard]] boost::asio::cancellation_slot slot() noexcept { return signal_.slot(); }

 protected:
  AsioOperationBase() = default;
  ~AsioOperationBase() = default;

  void begin();         // before the operation is initiated
  void begun();         // after that
  void end() noexcept;  // its result has come, or never will, or it did not begin
  bool ask_to_cancel() noexcept;
  [[nodiscard]] bool asked_to_cancel() const noexcept { return asked_to_cancel_; }

  virtual void finish() noexcept = 0;  // after settle(), on the loop's thread

 private:
  void deliver() noexcept final { finish(); }
  void emit_cancellation() noexcept;

  LoopState* loop_{nullptr};
  boost::asio::io_context* context_{nullptr};
  boost::asio::cancellation_signal signal_;
  bool asked_to_cancel_{false};
  bool initiating_{false};
  bool settled_{false};  // while it was initiated
};

/// What Asio calls when the operation has ended. Owns the promise that this happens once.
template <class Operation>
class AsioHandler {
 public:
  using allocator_type = FrameAllocator<std::byte>;
  using executor_type = LoopExecutor;
  using cancellation_slot_type = boost::asio::cancellation_slot;

  explicit AsioHandler(Operation& operation) noexcept
      : operation_(&operation), executor_(operation.executor()), slot_(operation.slot()) {}
  AsioHandler(AsioHandler&& other) noexcept
      : operation_(std::exchange(other.operation_, nullptr)),
        executor_(std::move(other.executor_)),
        slot_(other.slot_) {}
  AsioHandler& operator=(AsioHandler&&) = delete;
  ~AsioHandler() {
    if (operation_ != nullptr) {
      operation_->settle();
    }
  }

  template <class... Given>
  void operator()(Given&&... results) {
    std::exchange(operation_, nullptr)->arrive(std::forward<Given>(results)...);
  }

  [[nodiscard]] allocator_type get_allocator() const noexcept { return {}; }
  /// The loop's: also for an operation of another context's object, which so comes back to the loop.
  [[nodiscard]] const executor_type& get_executor() const noexcept { return executor_; }
  [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept { return slot_; }

 private:
  Operation* operation_;
  executor_type executor_;
  cancellation_slot_type slot_;
};

/// An operation whose results are Args, awaited. How::convert makes of them what the await gives.
///
/// Lives in the frame of the task that waits, which does not go on before the handler was called or destroyed.
template <class How, class... Args>
class AsioOperation : public Awaitable<AsioOperation<How, Args...>>, public AsioOperationBase {
 public:
  using Handler = AsioHandler<AsioOperation>;

  AsioOperation(AsioOperation&& idle) noexcept : Awaitable<AsioOperation>(std::move(idle)) {}
  AsioOperation& operator=(AsioOperation&&) = delete;

  [[nodiscard]] static bool try_complete() noexcept { return false; }
  void arm() {
    begin();
    try {
      initiate(Handler(*this));
    } catch (...) {
      end();
      throw;
    }
    begun();
  }
  decltype(auto) result() { return How::convert(std::move(*results_), *this); }

  /// Any thread.
  template <class... Given>
  void arrive(Given&&... results) {
    results_.emplace(std::forward<Given>(results)...);
    settle();
  }

 protected:
  AsioOperation() = default;
  ~AsioOperation() = default;

 private:
  virtual void initiate(Handler handler) = 0;

  bool withdraw() noexcept final { return ask_to_cancel(); }
  void finish() noexcept final {
    end();
    if (asked_to_cancel() && (!results_ || was_aborted(*results_))) {
      this->complete_cancelled();
    } else {
      results_ ? this->complete() : this->fail();
    }
  }

  std::optional<std::tuple<Args...>> results_;
};

/// The name of an operation for people, from what initiates it: "Asio's async_receive".
[[nodiscard]] std::string describe_initiation(const std::type_info& initiation);

/// An operation with all that it needs to begin, which it does when it is awaited.
template <class Operation, class Initiation, class... InitArgs>
class [[nodiscard]] AsioCall final : public Operation {
 public:
  template <class... Given>
  explicit AsioCall(Initiation&& initiation, Given&&... arguments)
      : initiation_(std::move(initiation)), arguments_(std::forward<Given>(arguments)...) {}

  [[nodiscard]] std::string describe() const override { return describe_initiation(typeid(Initiation)); }

 private:
  void initiate(typename Operation::Handler handler) override {
    std::apply([&](InitArgs&... arguments) { std::move(initiation_)(std::move(handler), std::move(arguments)...); },
               arguments_);
  }

  Initiation initiation_;
  std::tuple<InitArgs...> arguments_;
};

}  // namespace takt::async::internal
