#pragma once

/// Internal to async and its adapters.
namespace takt::async::internal {

struct LoopState;

/// A wait that only the outside can end, counted while it lasts: virtual time then knows that its loop is not
/// deadlocked. Loop thread.
class OutsideWait {
 public:
  OutsideWait() = default;
  OutsideWait(OutsideWait&& /*idle*/) noexcept {}
  OutsideWait& operator=(OutsideWait&&) = delete;
  ~OutsideWait() { end(); }

  /// @throws LogicError outside of a task. @param what  for the message
  void begin(const char* what);
  void end() noexcept;

 private:
  LoopState* loop_{nullptr};
};

}  // namespace takt::async::internal
