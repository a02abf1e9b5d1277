#include "takt/async/internal/task_snapshot.hpp"

#include <algorithm>

#include "takt/async/tasks/internal/nursery_state.hpp"
#include "takt/async/tasks/internal/running_task.hpp"

namespace takt::async::internal {
namespace {

constexpr std::string_view kCut = "...";

/// The task whose nursery it was started in. Does not change while the task lives, nor does what is read here of
/// either.
const RunningTask* parent_of(const RunningTask& task) noexcept {
  return task.nursery != nullptr ? task.nursery->owner() : nullptr;
}

}  // namespace

void TaskSnapshot::take(const RunningTask& task) noexcept {
  begin_ = path_.size();
  started_at_ = task.started_at;
  for (const RunningTask* at = &task; at != nullptr; at = parent_of(*at)) {
    const bool innermost = at == &task;
    if ((!innermost && !prepend("/")) || !prepend(at->name.view())) {
      break;
    }
  }
}

// Leaves room for the mark of a path that was cut.
bool TaskSnapshot::prepend(std::string_view text) noexcept {
  if (text.size() + kCut.size() > begin_) {
    begin_ -= kCut.size();
    std::ranges::copy(kCut, path_.begin() + static_cast<std::ptrdiff_t>(begin_));
    return false;
  }
  begin_ -= text.size();
  std::ranges::copy(text, path_.begin() + static_cast<std::ptrdiff_t>(begin_));
  return true;
}

std::string TaskSnapshot::path() const {
  return {path_.begin() + static_cast<std::ptrdiff_t>(begin_), path_.end()};
}

std::string TaskSnapshot::started_at() const {
  return brief(started_at_);
}

}  // namespace takt::async::internal
