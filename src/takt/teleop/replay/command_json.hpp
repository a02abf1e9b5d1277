#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "takt/core/error.hpp"
#include "takt/messages/json_value.hpp"
#include "takt/messages/json_writer.hpp"
#include "takt/teleop/replay/command.hpp"

/// Commands and replies as text: docs/formats/commands.md.
namespace takt::teleop::replay {

/// Text that is longer is refused unread. Room for ten minutes of seven joints at 1 kHz without velocities.
inline constexpr std::size_t kMaxCommandBytes = std::size_t{48} << 20U;

/// Of a client's name and a reply topic.
inline constexpr std::size_t kMaxCommandName = 128;

/// Where a reply goes to. Without a topic: nowhere, none is wanted.
struct ReplyAddress {
  std::string reply_to{};  ///< "/desk/reply"
  std::uint64_t corr{0};   ///< the client's number of the request, from 1
  std::string client{};    ///< empty: a client that does not say; each of its requests is a new one

  friend bool operator==(const ReplyAddress&, const ReplyAddress&) = default;
};

struct CommandRequest {
  ReplyAddress address{};
  Command command{};

  friend bool operator==(const CommandRequest&, const CommandRequest&) = default;
};

struct CommandReply {
  std::string client{};
  std::uint64_t corr{0};
  CommandResult result{};
};

/// A text that asks for nothing that can be done.
struct BadRequest {
  ReplyAddress address{};  ///< to tell it to, where that could be read
  std::string why{};       ///< one line
};

/// In one line.
[[nodiscard]] std::string encode(const CommandRequest& request);
[[nodiscard]] std::string encode(const CommandReply& reply);

/// Any bytes. Beyond the form, numbers are finite and lease_s is 0.1 to 10 s; the robot's owner judges the rest.
[[nodiscard]] Expected<CommandRequest, BadRequest> decode_request(std::string_view text);

/// What was asked with that number, as far as it is still waited for.
using AskedFor = std::function<std::optional<CommandAction>(const std::string& client, std::uint64_t corr)>;

/// Any bytes. Nothing: a reply to what nobody waits for. @return an error when it is none, with its client and number
/// where somebody waits for it
[[nodiscard]] Expected<std::optional<CommandReply>, BadRequest> decode_reply(std::string_view text,
                                                                             const AskedFor& asked_for);

// How json.hpp reads and writes what is not plainly its members: a part is a name or columns, and of the parameters
// only those are written that differ from the default.
void write_json(messages::JsonWriter& out, const SequencePart& part);
void write_json(messages::JsonWriter& out, const CommandParams& params);
messages::MaybeError read_json(const messages::JsonValue& json, SequencePart& part);

}  // namespace takt::teleop::replay
