#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "takt/transports/dds/internal/work_thread.hpp"

/// How what Cyclone DDS says reaches who wants to know. Its listeners run on whatever thread found out, that of a
/// caller who creates an endpoint included, with locks of Cyclone DDS held; so all but new data is noted there, and
/// told from a thread of our own.
namespace takt::dds {

/// Something happened to one endpoint, or to the graph; bits of Notices::post.
enum Notice : std::uint32_t {
  kMatchedNotice = 1U << 0U,
  kDeadlineNotice = 1U << 1U,
  kWritableNotice = 1U << 2U,
  kPeersNotice = 1U << 3U,  ///< endpoints of the same name came
  kGraphNotice = 1U << 4U,
  kDataNotice = 1U << 5U,  ///< something can be taken
};

/// What waits to be told to one endpoint, one thing at a time. Nothing is told before open(): Cyclone DDS tells of an
/// endpoint that is still being made.
class Notices : public std::enable_shared_from_this<Notices> {
 public:
  /// `tell` gets the bits that were posted since it last began.
  Notices(WorkThread& thread, std::function<void(std::uint32_t)> tell) : thread_(thread), tell_(std::move(tell)) {}

  /// From now on things are told. What can be taken already is told here, the rest soon. Once.
  void open();

  /// Tells `notices` soon, from the event thread. Any thread; never waits for what is being told.
  void post(std::uint32_t notices);

  /// Tells that something can be taken, here and now.
  void data();

  /// Nothing is told any more when this returns. It waits for what is being told now, unless that is who calls.
  void stop();

 private:
  void tell_now(std::uint32_t notices);

  static constexpr std::uint32_t kHeld = 1U << 31U;  // not open yet

  WorkThread& thread_;
  std::function<void(std::uint32_t)> tell_;
  std::atomic<std::uint32_t> pending_{kHeld};
  std::recursive_mutex telling_;
  bool stopped_{false};  // under telling_
};

}  // namespace takt::dds
