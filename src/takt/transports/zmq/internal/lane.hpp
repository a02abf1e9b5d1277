#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include <zmq.hpp>

#include "takt/bus/qos.hpp"
#include "takt/core/time.hpp"
#include "takt/transports/zmq/internal/parcel.hpp"

namespace takt::zmq::internal {

/// A message of an endpoint of this process, before it is said to whom.
struct Outgoing {
  std::uint64_t sequence{0};
  std::uint64_t source_wall_ns{0};
  ::zmq::message_t payload;

  /// The same once more; shares the bytes.
  [[nodiscard]] Outgoing share() const;
};

/// So many bytes are on the way to one reader, beyond a single message of any size; and more where old ones count as
/// much as new ones.
inline constexpr std::size_t kMaxBytesOnTheWay = std::size_t{1} << 20U;
inline constexpr std::size_t kMaxBytesOfAllOnTheWay = std::size_t{4} << 20U;

/// So many bytes wait for one reader, beyond a single message of any size.
inline constexpr std::size_t kMaxBytesWaiting = std::size_t{64} << 20U;

/// No reader is believed to take more at once.
inline constexpr std::uint64_t kMaxWindow = 8192;

/// The messages that each sender may have on the way to a reader at first, before it grants more.
/// @param room  what a reader that keeps all has room for
[[nodiscard]] std::uint32_t window_of(const bus::Qos& qos, std::size_t room) noexcept;

/// What goes from one endpoint to one other. The reader grants what it has room for; what is beyond waits here, as the
/// reader would keep it: its last `depth`, so that what comes after a slow link is the newest; or all, up to a bound,
/// and then who sends is pressed back, for as long as the reader gets on. What is granted and small goes into a parcel,
/// which is sent when that is due. A resource's part; one thread at a time.
class Lane {
 public:
  struct Rule {
    std::size_t room{1};       ///< messages that wait
    bool presses_back{false};  ///< beyond them; else the oldest gives way
    std::uint64_t window{1};   ///< granted without being asked
  };
  explicit Lane(const Rule& rule) noexcept
      : rule_(rule),
        max_bytes_(rule.presses_back ? kMaxBytesOfAllOnTheWay : kMaxBytesOnTheWay),
        presses_back_(rule.presses_back),
        granted_(std::min(rule.window, kMaxWindow)) {}

  /// Nothing more is to be pushed: the sender has to wait.
  [[nodiscard]] bool is_full() const noexcept { return presses_back_ && !has_room(); }
  /// Nothing waits to be granted or to be sent.
  [[nodiscard]] bool is_empty() const noexcept { return waiting_.empty() && parcel_.is_empty(); }

  /// Of what is small and may go. @return false: it is to be pushed
  [[nodiscard]] bool pack(std::uint64_t sequence, std::uint64_t clock, bus::Bytes message);
  void push(Outgoing message);

  enum class Due : std::uint8_t {
    kNothing,
    kMore,    ///< a parcel, when nothing more is to come
    kParcel,  ///< one that takes no more
    kSingle,  ///< what goes by itself
  };
  /// Packs what waits and may go. @return what is to be sent next
  [[nodiscard]] Due pack();
  [[nodiscard]] const Parcel& parcel() const noexcept { return parcel_; }
  /// It was sent.
  void empty_parcel();
  /// The oldest that waits. @pre kSingle is due
  [[nodiscard]] Outgoing next();

  /// Of the last that was packed or given by next(): from 1 on.
  [[nodiscard]] std::uint64_t position() const noexcept { return sent_; }

  /// To be called now and then. One that was full for so long, without a grant that told of anything new, presses back
  /// no more until it is empty: its oldest give way. @return it is so from now on
  [[nodiscard]] bool lose_patience(core::Nanoseconds now_ns, core::Nanoseconds patience_ns) noexcept;

  /// The reader got what goes up to `received` and takes what goes up to `granted`. Any numbers.
  void grant(std::uint64_t received, std::uint64_t granted);

 private:
  struct Sent {
    std::uint64_t position{0};  // of the last
    std::size_t bytes{0};
  };
  [[nodiscard]] bool has_room() const noexcept {
    return waiting_.size() < rule_.room && bytes_waiting_ < kMaxBytesWaiting;
  }
  [[nodiscard]] bool may_go() const noexcept { return sent_ < granted_ && bytes_on_the_way_ < max_bytes_; }
  void drop_oldest();
  Outgoing pop_oldest();
  void count_as_sent(std::size_t bytes) noexcept;

  Rule rule_;
  std::size_t max_bytes_;
  bool presses_back_;                    // not where patience was lost
  core::Nanoseconds stuck_since_ns_{0};  // 0: it is not, or nobody looked
  std::deque<Outgoing> waiting_;
  std::size_t bytes_waiting_{0};
  Parcel parcel_;
  std::deque<Sent> on_the_way_;      // one for each parcel
  std::size_t bytes_on_the_way_{0};  // of those and of the parcel
  std::uint64_t sent_{0};
  std::uint64_t received_{0};
  std::uint64_t granted_;
};

/// The other end of a lane: what a reader got of one sender, and what it has granted. A value.
class Reception {
 public:
  explicit Reception(std::uint64_t window) noexcept : granted_(window) {}

  /// So many messages from `position` on, together. @return false for what was not granted, is not the next, or comes
  /// though as many bytes as may be on the way have
  [[nodiscard]] bool receive(std::uint64_t position, std::uint64_t count, std::size_t bytes) noexcept;

  /// Grants so many beyond what came, where that is worth a message: half of the last grant is used up.
  /// @return what to say, if anything
  [[nodiscard]] bool regrant(std::uint64_t window) noexcept;
  [[nodiscard]] std::uint64_t received() const noexcept { return received_; }
  [[nodiscard]] std::uint64_t granted() const noexcept { return granted_; }
  [[nodiscard]] std::size_t bytes_unsaid() const noexcept { return bytes_unsaid_; }

 private:
  std::uint64_t received_{0};
  std::uint64_t granted_;
  std::size_t bytes_unsaid_{0};
};

}  // namespace takt::zmq::internal
