#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "takt/bus/bus.hpp"
#include "takt/bus/transport.hpp"
#include "takt/messages/packages/std_msgs.hpp"

/// Internal to replay: text on a topic (std_msgs/msg/String) beyond this process, for threads without an event loop.
/// Inside the process the bus's own Topic does that, as a call.
namespace takt::teleop::replay::internal {

/// As commands travel: all of them, in order, and none that was said to nobody.
[[nodiscard]] bus::Qos request_qos() noexcept;
/// As replies travel: the last ones also to who finds this publisher a moment later.
[[nodiscard]] bus::Qos reply_qos() noexcept;

/// Says text to whoever listens on the transports of a bus. Thread safe.
class TextSender {
 public:
  /// @param on_change  somebody matched, or a send that had no room may be tried again; on a transport's thread
  TextSender(const bus::Bus& bus, const std::string& topic, const bus::Qos& qos,
             const std::function<void()>& on_change = {});

  /// To all who listen now. @return whether it left for somebody: a transport has it on which somebody listens, or that
  /// cannot tell
  [[nodiscard]] bool send(std::string_view text);

 private:
  struct Remote {
    std::unique_ptr<bus::TransportPublisher> endpoint;
    bool tells_matches{false};
  };

  const bool keeps_for_late_;
  std::mutex mutex_;  // one send at a time
  std::vector<Remote> remote_;
};

/// Hears text from the transports of a bus. Take from one thread at a time; the rest is thread safe.
class TextReceiver {
 public:
  /// @param on_data  something may be taken; on a transport's thread, perhaps before this constructor returns
  TextReceiver(const bus::Bus& bus, const std::string& topic, const bus::Qos& qos,
               const std::function<void()>& on_data);

  /// Gives what came to `use`, which must not take again: the oldest of each transport in turn, at most `most`
  /// messages. @return how many; fewer: nothing is left
  std::size_t take(std::size_t most, const std::function<void(std::string)>& use);

  /// Messages that were no text, so far.
  [[nodiscard]] std::uint64_t malformed() const noexcept { return malformed_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool has_transports() const noexcept { return !remote_.empty(); }
  /// What is taken may have been said before this listened.
  [[nodiscard]] bool may_be_old() const noexcept { return may_be_old_; }

 private:
  std::atomic<std::uint64_t> malformed_{0};
  bool may_be_old_{false};
  std::vector<std::unique_ptr<bus::TransportSubscription>> remote_;
};

}  // namespace takt::teleop::replay::internal
