#pragma once

#include <exception>
#include <string>
#include <vector>

#include "takt/core/error.hpp"

namespace takt::async {

/// One task that failed.
struct Failure {
  std::string task;          ///< its name; "lidar/decoder" when a group came out of the task "lidar"
  std::exception_ptr error;  ///< what it threw; never null, never Cancelled, never an ExceptionGroup
};

/// What comes out of tasks that ran side by side (with_nursery, all_of, any_of) when one or more of them failed: always
/// this type, also for one failure, so that a second one at the same moment changes no `catch`. what() has one line per
/// task.
class ExceptionGroup : public Error {
 public:
  /// A failure that is an ExceptionGroup itself is replaced by what it holds. @pre failures is not empty
  explicit ExceptionGroup(const std::vector<Failure>& failures);

  [[nodiscard]] const std::vector<Failure>& failures() const noexcept { return failures_; }

  /// The first failure of type E, for as long as this group lives; null when there is none.
  template <class E>
  [[nodiscard]] const E* find() const {
    for (const Failure& failure : failures_) {
      try {
        std::rethrow_exception(failure.error);
      } catch (const E& error) {
        return &error;
      } catch (...) {  // another type: nothing to do
      }
    }
    return nullptr;
  }

  /// True when every failure is of type E.
  template <class E>
  [[nodiscard]] bool all_are() const {
    for (const Failure& failure : failures_) {
      try {
        std::rethrow_exception(failure.error);
      } catch (const E&) {  // as asked: nothing to do
      } catch (...) {
        return false;
      }
    }
    return true;
  }

 private:
  std::vector<Failure> failures_;
};

/// "DeviceError: no answer", for any exception.
[[nodiscard]] std::string describe(const std::exception_ptr& error);

}  // namespace takt::async
