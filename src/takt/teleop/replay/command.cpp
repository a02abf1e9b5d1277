#include "takt/teleop/replay/command.hpp"

#include <algorithm>
#include <array>

#include "takt/messages/enum_name.hpp"

namespace takt::teleop::replay {
namespace {

constexpr char to_upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string action_name(CommandAction action) {
  std::string name(messages::enum_name(action).view());
  std::ranges::transform(name, name.begin(), to_upper);
  return name;
}

std::optional<CommandAction> action_from_name(std::string_view name) noexcept {
  if (name.size() > messages::EnumName::kCapacity ||
      std::ranges::any_of(name, [](char c) { return to_upper(c) != c; })) {
    return std::nullopt;
  }
  std::array<char, messages::kMaxEnumName> text{};
  std::ranges::transform(name, text.begin(), to_lower);
  return messages::enum_from_name<CommandAction>(std::string_view(text.data(), name.size()));
}

bool moves(CommandAction action) noexcept {
  switch (action) {
    case CommandAction::kStopReplay:
    case CommandAction::kPause:
    case CommandAction::kGetTrajectoryFrames:
    case CommandAction::kStatus:
    case CommandAction::kRenew:
    case CommandAction::kList:
      return false;
    default:
      return true;
  }
}

bool sets_out(CommandAction action) noexcept {
  return action == CommandAction::kTriggerReplay || action == CommandAction::kGotoTrajectory;
}

bool only_looks(CommandAction action) noexcept {
  return action == CommandAction::kStatus || action == CommandAction::kList ||
         action == CommandAction::kGetTrajectoryFrames;
}

bool goes_first(CommandAction action) noexcept {
  return action == CommandAction::kStopReplay || action == CommandAction::kPause || action == CommandAction::kRenew ||
         action == CommandAction::kStatus;
}

bool takes_long(CommandAction action) noexcept {
  switch (action) {
    case CommandAction::kTriggerReplay:
    case CommandAction::kGotoTrajectory:
    case CommandAction::kSnapTwinAnchor:
    case CommandAction::kGetTrajectoryFrames:
    case CommandAction::kLoop:
    case CommandAction::kList:
      return true;
    default:
      return false;
  }
}

}  // namespace takt::teleop::replay
