#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "takt/core/error.hpp"
#include "takt/trajectory/recorder/internal/record.hpp"
#include "takt/trajectory/recorder/internal/record_file.hpp"

namespace takt::trajectory::recorder::internal {

/// The episodes of a recorder: numbers them and knows which one is open; their events go through the ring. Any thread;
/// takes a lock, which nobody who records takes. What its members return, Recorder says.
class Episodes {
 public:
  /// @param name  of the recording, for messages. All outlive it.
  Episodes(const std::string& name, Intake& intake, const RecordFile& file, Channel& channel)
      : name_(name), intake_(intake), file_(file), channel_(channel) {}

  Expected<std::uint32_t, std::string> begin(std::string task);
  Expected<std::uint32_t, std::string> end(std::optional<bool> success);
  Expected<std::uint32_t, std::string> mark(bool success);
  Expected<std::uint32_t, std::string> discard();

  /// Closes the intake. The file ends what is open, so that its end needs no room in the ring.
  void close();

  struct Counts {
    std::uint32_t open{0};  ///< the number of the one that is open; 0: none
    std::uint32_t begun{0};
  };
  [[nodiscard]] Counts counts() const;

 private:
  // The mutex is held in these.
  [[nodiscard]] Expected<std::uint32_t, std::string> put(RecordKind kind, std::uint32_t episode,
                                                         std::optional<bool> success, std::string task = "");
  [[nodiscard]] std::uint32_t open_or_last() const { return counts_.open != 0 ? counts_.open : counts_.begun; }

  const std::string& name_;
  Intake& intake_;
  const RecordFile& file_;
  Channel& channel_;
  mutable std::mutex mutex_;
  Counts counts_;
};

}  // namespace takt::trajectory::recorder::internal
