// Any bytes: as a request, either a clear error or one that writes and reads back as itself, whose trajectories are
// trajectories or refused; as a reply to each kind of action, an error or a value.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "takt/core/error.hpp"
#include "takt/teleop/replay/command_json.hpp"

namespace {

namespace replay = takt::teleop::replay;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void require_clear(const std::string& why) {
  require(!why.empty() && why.find('\n') == std::string::npos);
}

void read_as_request(std::string_view text) {
  const auto request = replay::decode_request(text);
  if (!request) {
    require_clear(request.error().why);
    return;
  }
  const std::string written = replay::encode(*request);
  const auto again = replay::decode_request(written);
  require(again && replay::encode(*again) == written);
  for (const auto& part : request->command.params.trajectories) {
    try {
      if (part.shipped) {
        static_cast<void>(replay::to_trajectory(*part.shipped));
      }
    } catch (const takt::ConfigError&) {  // NOLINT(bugprone-empty-catch): refused, as it should be
    }
  }
}

void read_as_reply(std::string_view text, replay::CommandAction action) {
  const auto asked_for = [action](const std::string&, std::uint64_t) { return std::optional(action); };
  const auto reply = replay::decode_reply(text, asked_for);
  if (!reply) {
    require_clear(reply.error().why);
  } else {
    const std::string written = replay::encode(**reply);
    const auto again = replay::decode_reply(written, asked_for);
    require(again && replay::encode(**again) == written);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using enum replay::CommandAction;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_as_request(text);
  for (const auto action : {kTriggerReplay, kGetTrajectoryFrames, kGetReplayAction, kStatus, kList, kStopReplay}) {
    read_as_reply(text, action);
  }
  return 0;
}
