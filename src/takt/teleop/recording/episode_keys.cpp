#include "takt/teleop/recording/episode_keys.hpp"

#include <cstdint>
#include <utility>

#include "takt/core/error.hpp"

namespace takt::teleop::recording {
namespace {

std::string told(const Expected<std::uint32_t, std::string>& episode, const char* what) {
  return episode ? "episode " + std::to_string(*episode) + " " + what : episode.error();
}

}  // namespace

EpisodeKeys::EpisodeKeys(trajectory::recorder::Recorder& recorder, std::string task)
    : recorder_(recorder), task_(std::move(task)) {}

std::string EpisodeKeys::press(char key) {
  switch (key) {
    case 's':
      return told(recorder_.begin_episode(task_), "begins");
    case 'e':
      return told(recorder_.end_episode(), "ended");
    case 'd':
      return told(recorder_.discard_episode(), "discarded");
    case 'm':
      return told(recorder_.mark_success(true), "is a success");
    case 'q':
      quit_ = true;
      return "the end";
    default:
      return help();
  }
}

const char* EpisodeKeys::help() noexcept {
  return "s start, e end, d discard, m mark as a success, q quit";
}

}  // namespace takt::teleop::recording
