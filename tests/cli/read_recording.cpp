// read_recording FILE: what a recording holds, by takt's own reader, as JSON for record_test.py.

#include <cstdint>
#include <exception>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "takt/messages/cdr.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/recorder/recording.hpp"

namespace {

using nlohmann::json;
using namespace takt::trajectory;  // NOLINT(google-build-using-namespace): a program of one file

using Rows = std::map<std::string, std::map<std::uint64_t, recorder::RecordedState>>;  // by topic and trace id

json listed(const recorder::Recording& recording) {
  json told{{"recovered", recording.recovered},
            {"configuration", recording.configuration},
            {"channels", json::array()},
            {"episodes", json::array()}};
  for (const recorder::RecordedChannel& channel : recording.channels) {
    told["channels"].push_back(
        {{"topic", recorder::state_topic(channel.info)}, {"frames", channel.frames}, {"dropped", channel.dropped}});
  }
  for (const recorder::RecordedEpisode& episode : recording.episodes) {
    told["episodes"].push_back({{"number", episode.number},
                                {"task", episode.task},
                                {"success", episode.success ? json(*episode.success) : json()},
                                {"discarded", episode.discarded},
                                {"ended", episode.ended},
                                {"frames", episode.frames}});
  }
  return told;
}

/// How the values of each command that was sent are joined by its trace id.
json joined(const Rows& rows) {
  std::uint64_t without_leader = 0;
  std::uint64_t out_of_order = 0;
  std::uint64_t commands = 0;
  const auto found = rows.find("/follower/sent");
  for (const auto& [trace_id, sent] : found == rows.end() ? Rows::mapped_type{} : found->second) {
    ++commands;
    std::int64_t last_ns = 0;
    bool whole = true;
    bool rising = true;
    for (const char* topic : {"/leader/leader", "/follower/mapped", "/follower/guarded", "/follower/sent"}) {
      const auto& channel = rows.at(topic);
      const auto row = channel.find(trace_id);
      whole = whole && row != channel.end() && !row->second.hops.empty();
      if (whole) {
        const std::int64_t stamp_ns = row->second.hops.back().stamp_ns;
        rising = rising && stamp_ns >= last_ns;
        last_ns = stamp_ns;
      }
    }
    without_leader += whole ? 0 : 1;
    out_of_order += rising ? 0 : 1;
  }
  return {{"commands", commands}, {"without_leader", without_leader}, {"out_of_order", out_of_order}};
}

/// Of a leader that plays a recording: its rows' own times.
json sources(const Rows& rows) {
  std::uint64_t with_time = 0;
  std::uint64_t rising = 0;
  double last_s = -1e9;
  const auto found = rows.find("/leader/leader");
  for (const auto& [trace_id, state] : found == rows.end() ? Rows::mapped_type{} : found->second) {
    if (state.source_t_s) {
      ++with_time;
      rising += *state.source_t_s >= last_s ? 1 : 0;
      last_s = *state.source_t_s;
    }
  }
  return {{"rows", with_time}, {"rising", rising}};
}

json told(const char* path) {
  json all = listed(recorder::list_recording(path));
  const mcap::Reader reader{std::filesystem::path(path)};
  Rows rows;
  all["events"] = json::object();
  for (const mcap::Message& message : reader.messages()) {
    const mcap::Channel& channel = *reader.find(message.channel);
    if (channel.message_encoding == "json") {
      const std::string_view text(reinterpret_cast<const char*>(message.data.data()), message.data.size());
      all["events"][channel.topic].push_back(json::parse(text));
    } else if (const auto state = takt::messages::from_cdr<recorder::RecordedState>(message.data)) {
      rows[channel.topic][state->trace_id] = *state;
    }
  }
  all["joined"] = joined(rows);
  all["sources"] = sources(rows);
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: read_recording FILE\n");
    return 2;
  }
  try {
    fmt::print("{}\n", told(argv[1]).dump());
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
