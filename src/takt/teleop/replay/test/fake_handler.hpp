#pragma once

#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "takt/teleop/replay/command.hpp"

namespace takt::teleop::replay::test {

/// Notes what it is asked, and answers as it is told; a count of what it was asked when it is not.
class FakeHandler final : public CommandHandler {
 public:
  struct Asked {
    Command command;
    CommandCaller caller;
    std::thread::id thread;
  };

  [[nodiscard]] CommandResult handle(const Command& command, const CommandCaller& caller) override {
    std::uint64_t count = 0;
    {
      const std::scoped_lock lock(mutex_);
      asked_.push_back({command, caller, std::this_thread::get_id()});
      count = asked_.size();
    }
    return answer ? answer(command) : CommandResult(CommandValue{count});
  }

  void heard(const CommandCaller& caller) override {
    const std::scoped_lock lock(mutex_);
    heard_.push_back(caller);
  }

  [[nodiscard]] std::vector<CommandCaller> heard_of() const {
    const std::scoped_lock lock(mutex_);
    return heard_;
  }
  [[nodiscard]] std::vector<Asked> asked() const {
    const std::scoped_lock lock(mutex_);
    return asked_;
  }

  std::function<CommandResult(const Command&)> answer;  // set before it is asked

 private:
  mutable std::mutex mutex_;
  std::vector<Asked> asked_;
  std::vector<CommandCaller> heard_;
};

inline Command trigger(const char* name = "pick") {
  Command command{.action = CommandAction::kTriggerReplay};
  command.params.trajectories.push_back({.name = name});
  return command;
}

}  // namespace takt::teleop::replay::test
