#pragma once

#include <string>

#include "takt/trajectory/recorder/recorder.hpp"

namespace takt::teleop::recording {

/// The keys by which an operator divides a recording into episodes:
/// s start · e end · d discard · m mark as a success · q quit.
///
/// One thread at a time. The recorder must outlive it.
class EpisodeKeys {
 public:
  /// @param task  what the operator says it is, of every episode; may be empty
  EpisodeKeys(trajectory::recorder::Recorder& recorder, std::string task);

  /// What a key did, or why it did nothing, in a few words; for an unknown one the keys there are.
  std::string press(char key);

  /// q was pressed.
  [[nodiscard]] bool quit() const noexcept { return quit_; }

  /// The keys there are, in one line.
  [[nodiscard]] static const char* help() noexcept;

 private:
  trajectory::recorder::Recorder& recorder_;
  std::string task_;
  bool quit_{false};
};

}  // namespace takt::teleop::recording
