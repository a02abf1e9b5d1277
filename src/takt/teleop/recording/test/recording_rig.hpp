#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "takt/messages/cdr.hpp"
#include "takt/teleop/recording/teleop_recording.hpp"
#include "takt/teleop/test/orchestrator_fixture.hpp"
#include "takt/trajectory/mcap/reader.hpp"
#include "takt/trajectory/mcap/sink.hpp"
#include "takt/trajectory/recorder/recorded_state.hpp"

/// What the tests of recorded teleoperations share.
namespace takt::teleop::recording {

using trajectory::recorder::RecordedState;
using trajectory::recorder::Recorder;
using trajectory::recorder::RecorderOptions;

/// What lies in a file, read by nothing but the MCAP reader and the codecs.
struct FileContents {
  std::map<std::string, std::vector<RecordedState>> states;
  std::map<std::string, std::vector<nlohmann::json>> events;

  explicit FileContents(const std::vector<std::byte>& bytes) {
    const trajectory::mcap::Reader reader(std::make_unique<trajectory::mcap::MemorySource>(bytes, "test.mcap"));
    EXPECT_FALSE(reader.recovered()) << "it was closed";
    for (const trajectory::mcap::Message& message : reader.messages()) {
      const trajectory::mcap::Channel& channel = *reader.find(message.channel);
      if (channel.message_encoding == "cdr") {
        const auto state = messages::from_cdr<RecordedState>(message.data);
        EXPECT_TRUE(state);
        states[channel.topic].push_back(state.value_or(RecordedState{}));
      } else {
        const auto* text = reinterpret_cast<const char*>(message.data.data());
        events[channel.topic].push_back(nlohmann::json::parse(std::string_view(text, message.data.size())));
      }
    }
  }

  [[nodiscard]] std::vector<std::string> texts(const std::string& topic, const std::string& robot) const {
    std::vector<std::string> texts;
    if (const auto found = events.find(topic); found != events.end()) {
      for (const nlohmann::json& event : found->second) {
        if (event.at("robot") == robot) {
          texts.push_back(event.at("text"));
        }
      }
    }
    return texts;
  }
};

/// A recorded leader and follower of two joints on a manual clock.
class RecordingTest : public OrchestratorTest {
 protected:
  void make_recorded(PairOptions options = {}) {
    make(std::move(options));
    record(std::make_unique<trajectory::mcap::MemorySink>(bytes_));
  }
  void record(std::unique_ptr<trajectory::mcap::Sink> sink) {
    auto recorder = std::make_unique<Recorder>(std::move(sink), "test.mcap", RecorderOptions{}, clock_);
    recording_ = std::make_unique<TeleopRecording>(*orchestrator_, std::move(recorder), clock_);
  }
  [[nodiscard]] FileContents close() {
    recording_->close();
    EXPECT_EQ(recording_->recorder().state().fault, "");
    EXPECT_EQ(recording_->recorder().state().dropped, 0U);
    return FileContents(bytes_);
  }

  std::vector<std::byte> bytes_;
  std::unique_ptr<TeleopRecording> recording_;
};

}  // namespace takt::teleop::recording
