#pragma once

#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "takt/bus/transport.hpp"

/// What the contract suite of Transport runs on, and with.
namespace takt::bus::test {

/// Three transports of one network, each as if of a process of its own: 0 and 1 hear each other, 0 and 2 too.
class TransportRig {
 public:
  virtual ~TransportRig() = default;
  [[nodiscard]] virtual Transport& transport(std::size_t index) = 0;
  /// Returns when all that was done before has reached the others, if it ever does.
  virtual void settle() = 0;
  /// The largest message that it carries.
  [[nodiscard]] virtual std::size_t max_message_bytes() const = 0;
  /// Whether what is retained for those who ask for it stays away from a volatile subscription beside one of them.
  [[nodiscard]] virtual bool spares_volatile_neighbours() const { return true; }
};

struct RigMaker {
  std::string name;
  std::function<std::unique_ptr<TransportRig>()> make;
  /// What GoogleTest shows of it.
  friend void PrintTo(const RigMaker& maker, std::ostream* to) { *to << maker.name; }
};

/// Waits for what must come, however busy the host is.
template <class Predicate>
[[nodiscard]] bool eventually(Predicate holds, std::chrono::seconds at_most = std::chrono::seconds(30)) {
  const auto end = std::chrono::steady_clock::now() + at_most;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// A message as every transport can carry it, one that asks for CDR too: a little-endian CDR string.
inline std::vector<std::byte> bytes_of(std::string_view text) {
  std::vector<std::byte> bytes(8 + text.size() + 1);
  bytes[1] = std::byte{1};
  const auto size = static_cast<std::uint32_t>(text.size() + 1);
  std::memcpy(&bytes[4], &size, sizeof(size));
  std::memcpy(&bytes[8], text.data(), text.size());
  return bytes;
}

/// The same back; whatever pads it is left out. "?" for anything else.
inline std::string text_of(Bytes bytes) {
  std::uint32_t size = 0;
  if (bytes.size() < 9) {
    return "?";
  }
  std::memcpy(&size, &bytes[4], sizeof(size));
  if (size == 0 || size > bytes.size() - 8) {
    return "?";
  }
  return {reinterpret_cast<const char*>(&bytes[8]), size - 1};
}

/// Everything that the events of an endpoint said.
class Events {
 public:
  [[nodiscard]] EndpointEvents record() {
    return {.on_data = [this] { ++data_; },
            .on_matched =
                [this](const Matched& now) {
                  const std::scoped_lock lock(mutex_);
                  matched_.push_back(now);
                },
            .on_deadline_missed = {},
            .on_writable = [this] { ++writable_; },
            .on_incompatible =
                [this](const std::string& reason) {
                  const std::scoped_lock lock(mutex_);
                  incompatible_.push_back(reason);
                }};
  }
  [[nodiscard]] int data() const { return data_; }
  [[nodiscard]] int writable() const { return writable_; }
  [[nodiscard]] std::vector<Matched> matched() const {
    const std::scoped_lock lock(mutex_);
    return matched_;
  }
  [[nodiscard]] Matched last_matched() const {
    const std::scoped_lock lock(mutex_);
    return matched_.empty() ? Matched{} : matched_.back();
  }
  [[nodiscard]] std::vector<std::string> incompatible() const {
    const std::scoped_lock lock(mutex_);
    return incompatible_;
  }

 private:
  std::atomic<int> data_{0};
  std::atomic<int> writable_{0};
  mutable std::mutex mutex_;
  std::vector<Matched> matched_;
  std::vector<std::string> incompatible_;
};

/// Takes what is there.
inline std::vector<std::string> take_all(TransportSubscription& subscription) {
  std::vector<std::string> texts;
  while (subscription.take([&](Bytes bytes, const MessageInfo&) { texts.push_back(text_of(bytes)); })) {
  }
  return texts;
}

/// Takes until so many have come.
inline std::vector<std::string> take_count(TransportSubscription& subscription, std::size_t count) {
  std::vector<std::string> texts;
  static_cast<void>(eventually([&] {
    const auto more = take_all(subscription);
    texts.insert(texts.end(), more.begin(), more.end());
    return texts.size() >= count;
  }));
  return texts;
}

/// Sends, and again for as long as there is no room.
template <class Send>
[[nodiscard]] auto send_when_ready(Send send) {
  auto sent = send();
  static_cast<void>(eventually([&] {
    const bool wait = !sent && sent.error() == SendError::kWouldBlock;
    if (wait) {
      sent = send();
    }
    return !wait;
  }));
  return sent;
}

/// The fixture: a fresh rig, and endpoints in the words of the tests.
class TransportContract : public testing::TestWithParam<RigMaker> {
 protected:
  TransportContract() : rig(GetParam().make()) {}

  [[nodiscard]] Transport& at(std::size_t index) { return rig->transport(index); }
  [[nodiscard]] bool can(Capability capability) { return has(at(0).capabilities(), capability); }
  void settle() { rig->settle(); }

  /// The most reliable that the transport has.
  [[nodiscard]] Qos qos(std::uint32_t depth = 10) {
    return {.reliability = can(Capability::kReliable) ? Reliability::kReliable : Reliability::kBestEffort,
            .durability = Durability::kVolatile,
            .depth = depth,
            .deadline_ns = {},
            .lifespan_ns = {}};
  }
  [[nodiscard]] TopicEndpoint topic(Qos with) {
    return {.name = "/contract/topic", .type = {.name = "std_msgs/msg/String"}, .qos = with, .node = {}};
  }
  [[nodiscard]] TopicEndpoint topic() { return topic(qos()); }
  [[nodiscard]] ServiceEndpoint service() {
    return {.name = "/contract/service",
            .request = {.name = "std_srvs/srv/Trigger_Request"},
            .reply = {.name = "std_srvs/srv/Trigger_Response"},
            .qos = qos(),
            .node = {}};
  }

  /// Returns when both sides know each other, where the transport knows of that at all.
  template <class One, class Other>
  void await_match(const One& one, const Other& other, std::size_t count = 1) {
    if (can(Capability::kMatchedEvents)) {
      EXPECT_TRUE(eventually([&] { return one.matched().current >= count && other.matched().current >= 1; }));
    } else {
      settle();
    }
  }

  std::unique_ptr<TransportRig> rig;
};

inline std::string name_of(const testing::TestParamInfo<RigMaker>& info) {
  return info.param.name;
}

}  // namespace takt::bus::test

/// Skips a test of what the transport says it cannot do.
#define TAKT_REQUIRE_CAPABILITY(capability)                          \
  if (!can(::takt::bus::Capability::capability)) {                   \
    GTEST_SKIP() << at(0).scheme() << " does not have " #capability; \
  }                                                                  \
  static_assert(true)
