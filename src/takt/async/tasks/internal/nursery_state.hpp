#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <source_location>
#include <string>
#include <vector>

#include "takt/async/tasks/exception_group.hpp"
#include "takt/async/tasks/internal/scope_node.hpp"
#include "takt/async/tasks/wait.hpp"

/// Internal to async.
namespace takt::async::internal {

/// What a nursery is made of. Lives in a slot that is used again after its end, with another id: so a Nursery that is
/// kept too long is told from the next one.
class NurseryState {
 public:
  /// Opens a nursery in the calling task. @throws LogicError outside of one
  static NurseryState& open(std::source_location where);
  /// Closes it and makes its slot free. @pre joined
  void close() noexcept;

  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] const void* thread() const noexcept { return thread_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool is_open() const noexcept { return open_; }
  [[nodiscard]] ScopeNode& scope() noexcept { return scope_; }
  [[nodiscard]] const RunningTask* owner() const noexcept { return scope_.owner(); }
  [[nodiscard]] std::size_t children() const noexcept { return children_; }
  /// "nursery of task 'app' (opened at app.cpp:12)", also after its end.
  [[nodiscard]] std::string describe() const;

  void child_started() noexcept { ++children_; }
  /// @param error  null when it ended well or was cancelled
  void child_ended(const RunningTask& child, std::exception_ptr error, bool cancelled) noexcept;
  void body_failed(std::exception_ptr error) noexcept;
  void body_cancelled() noexcept { cancelled_ = true; }

  /// Throws what came out of it: the failures, or Cancelled when the cancellation came from around.
  void rethrow();

  /// Waits until the last child has ended. Is not a checkpoint: cancellation reaches the children by themselves.
  class Join final : public Awaitable<Join, Checkpoint::kNo> {
   public:
    explicit Join(NurseryState& nursery) noexcept : nursery_(&nursery) {}
    [[nodiscard]] bool try_complete() const noexcept { return nursery_->children_ == 0; }
    void arm() noexcept { nursery_->join_ = this; }
    void result() const noexcept {}
    [[nodiscard]] std::string describe() const override;
    using Wait::complete;

   private:
    bool withdraw() noexcept override { return false; }
    NurseryState* nursery_;
  };
  [[nodiscard]] Join join() noexcept { return Join(*this); }

 private:
  static void refill();
  void fail(std::string_view task, std::exception_ptr error) noexcept;

  ScopeNode scope_;
  Join* join_{nullptr};
  std::size_t children_{0};
  std::vector<Failure> failures_;
  TaskName opened_by_;
  std::source_location where_;
  std::uint64_t id_{0};
  std::atomic<const void*> thread_{nullptr};  // of its loop; any thread may compare it
  NurseryState* next_free_{nullptr};
  bool open_{false};
  bool cancelled_{false};  // the body or a child was
};

}  // namespace takt::async::internal
