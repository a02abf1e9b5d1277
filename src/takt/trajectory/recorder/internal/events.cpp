#include "takt/trajectory/recorder/internal/events.hpp"

#include <charconv>

#include <fmt/format.h>

#include "takt/messages/enum_name.hpp"
#include "takt/messages/json.hpp"

namespace takt::trajectory::recorder::internal {
namespace {

// Schemas as JSON Schema has them. Integers above 2^53 are in recorded_ns only, after 104 days of a host's uptime.
constexpr std::string_view kEpisodeSchema =
    R"({"title":"takt.Episode","type":"object","required":["event","episode"],"properties":{)"
    R"("event":{"enum":["begin","end","mark","discard"]},"recorded_ns":{"type":"integer"},)"
    R"("episode":{"type":"integer"},"task":{"type":"string"},"success":{"type":["boolean","null"]},)"
    R"("first_ns":{"type":"integer"},"last_ns":{"type":"integer"},)"
    R"("frames":{"type":"object","additionalProperties":{"type":"integer"}},)"
    R"("dropped":{"type":"object","additionalProperties":{"type":"integer"}}}})";

constexpr std::string_view kDroppedSchema =
    R"({"title":"takt.Dropped","type":"object","properties":{"recorded_ns":{"type":"integer"},)"
    R"("dropped":{"type":"object","additionalProperties":{"type":"integer"}}}})";

constexpr std::string_view kNoteSchema =
    R"({"title":"takt.Note","type":"object","properties":{"recorded_ns":{"type":"integer"},)"
    R"("episode":{"type":"integer"},"trace_id":{"type":"string"},"robot":{"type":"string"},)"
    R"("text":{"type":"string"}}})";

constexpr std::string_view kEventSchema =
    R"({"title":"takt.Event","type":"object","properties":{"recorded_ns":{"type":"integer"},)"
    R"("episode":{"type":"integer"},"data":{}}})";

ChannelSpec json_channel(std::string topic, std::string_view schema_name, std::string_view schema) {
  return {.topic = std::move(topic),
          .encoding = "json",
          .schema_name = std::string(schema_name),
          .schema_encoding = "jsonschema",
          .schema = std::string(schema),
          .metadata = {}};
}

std::string member(const std::map<std::string, std::string>& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? "" : found->second;
}

}  // namespace

ChannelSpec state_channel(const StateChannelInfo& info) {
  return {.topic = state_topic(info),
          .encoding = "cdr",
          .schema_name = std::string(RecordedState::kRosName),
          .schema_encoding = "ros2msg",
          .schema = recorded_state_schema(),
          .metadata = {{"robot", info.robot},
                       {"kind", std::string(messages::enum_name(info.kind).view())},
                       {"arm", info.arm},
                       {"robot_type", std::string(messages::enum_name(info.robot_type).view())},
                       {"joint_names", messages::to_json(info.joint_names)}}};
}

ChannelSpec episode_channel() {
  return json_channel(std::string(kEpisodeTopic), "takt.Episode", kEpisodeSchema);
}

ChannelSpec dropped_channel() {
  return json_channel(std::string(kDroppedTopic), "takt.Dropped", kDroppedSchema);
}

ChannelSpec note_channel(std::string_view kind) {
  return json_channel(fmt::format("/takt/{}", kind), "takt.Note", kNoteSchema);
}

ChannelSpec event_channel(std::string_view kind) {
  return json_channel(fmt::format("/takt/{}", kind), "takt.Event", kEventSchema);
}

mcap::ChannelId add_channel(mcap::Writer& writer, const ChannelSpec& spec) {
  const mcap::SchemaId schema = writer.add_schema(spec.schema_name, spec.schema_encoding, spec.schema);
  return writer.add_channel(schema, spec.topic, spec.encoding, spec.metadata);
}

std::span<const std::byte> bytes_of(std::string_view text) noexcept {
  return std::as_bytes(std::span(text.data(), text.size()));
}

Expected<StateChannelInfo, std::string> read_channel_metadata(const std::map<std::string, std::string>& metadata) {
  StateChannelInfo info{.robot = member(metadata, "robot"), .arm = member(metadata, "arm")};
  const auto kind = messages::enum_from_name<StateKind>(member(metadata, "kind"));
  const auto type = messages::enum_from_name<messages::RobotType>(member(metadata, "robot_type"));
  const auto names = messages::from_json<std::vector<std::string>>(member(metadata, "joint_names"));
  if (info.robot.empty() || !kind || !type || !names) {
    return Unexpected(fmt::format("its metadata '{}' is none of robot, kind, robot_type, joint_names as takt writes it",
                                  info.robot.empty() ? "robot"
                                  : !kind            ? "kind"
                                  : !type            ? "robot_type"
                                                     : "joint_names"));
  }
  info.kind = *kind;
  info.robot_type = *type;
  info.joint_names = *names;
  return info;
}

std::map<std::string, std::string> trajectory_metadata(const TrajectoryInfo& info) {
  return {{"name", info.name}, {"source", info.source}, {"start_wall_ns", std::to_string(info.start_wall_ns)}};
}

TrajectoryInfo stored_info(TrajectoryInfo info, const std::map<std::string, std::string>& metadata) {
  info.name = member(metadata, "name");
  info.source = member(metadata, "source");
  const std::string start = member(metadata, "start_wall_ns");
  if (std::from_chars(start.data(), start.data() + start.size(), info.start_wall_ns).ec != std::errc()) {
    info.start_wall_ns = 0;
  }
  return info;
}

}  // namespace takt::trajectory::recorder::internal
