#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <thread>

#include <poll.h>

#include "takt/async/internal/file_descriptor.hpp"
#include "takt/bus/internal/bad_input.hpp"
#include "takt/transports/zmq/internal/directory.hpp"
#include "takt/transports/zmq/internal/header.hpp"
#include "takt/transports/zmq/internal/sockets.hpp"

namespace takt::zmq::internal {

/// Everything of a ZeroMQ transport but its endpoints' objects. One lock for sockets and directory: whoever publishes
/// sends on its own thread, under the lock; the receive thread takes in under it, and tells without it. Thread safe.
class Link {
 public:
  explicit Link(const ZmqOptions& options);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// @param made  without its id
  [[nodiscard]] std::shared_ptr<Local> add(Announcement made, bus::EndpointEvents events);
  void remove(const std::shared_ptr<Local>& local);

  [[nodiscard]] Expected<void, bus::SendError> publish(Local& from, bus::Bytes bytes);
  [[nodiscard]] Expected<bus::RequestId, bus::SendError> request(Local& from, bus::Bytes bytes);
  [[nodiscard]] Expected<void, bus::SendError> reply(Local& from, const bus::RequestId& id, bus::Bytes bytes);
  [[nodiscard]] bus::Matched matched(const Local& local) const;

  void add_node(const bus::NodeInfo& node);
  void remove_node(const std::string& name);
  [[nodiscard]] bus::Graph graph() const;
  void watch(std::function<void()> on_change);
  [[nodiscard]] ZmqStatistics statistics() const;

 private:
  // With the lock held.
  void note(Changes& changes);
  void send_kept(Local& from, const Announcement& late);
  [[nodiscard]] Sent publish_to(std::string_view to, const Local& from, const Kept& message);
  void say_hello();
  void tell_writable();
  void greet(Header::Kind kind, std::uint64_t process);
  [[nodiscard]] Header header_of(Header::Kind kind, const Local& from, std::uint64_t sequence) const;

  // The receive thread: wait, take in a batch, tell.
  void run();
  [[nodiscard]] unsigned wait_for_something(std::span<pollfd> watched);
  /// @return whether there is more to look at now
  [[nodiscard]] bool take_in(unsigned look);
  [[nodiscard]] unsigned receive(unsigned look, Changes& changes);
  void on_subscription(const ::zmq::message_t& frame, Changes& changes);
  void on_published(Sockets::Frames& frames, Changes& changes);
  void on_asked(Sockets::Frames& frames, std::optional<std::uint64_t> from, Changes& changes);
  void on_greeting(const Header& header, Changes& changes);
  void give(const std::shared_ptr<Local>& local, Message message, Changes& changes);
  void bad(std::string_view fault) { bad_.note(fault, "a peer at " + options_.address); }
  void wake() const;
  void look_after_publish(core::Nanoseconds now_ns);
  void want_room();
  [[nodiscard]] unsigned due_looks();
  void look_after_ask();

  const ZmqOptions options_;
  const std::uint64_t process_;
  bus::internal::BadInput bad_{"zmq"};
  mutable std::mutex mutex_;
  Sockets sockets_;
  Directory directory_;
  std::map<std::string, std::vector<std::shared_ptr<Local>>, std::less<>> readers_;  // by what they subscribe to
  std::uint64_t last_number_{0};
  std::vector<std::byte> header_;  // kept for its memory
  std::vector<std::shared_ptr<Local>> to_tell_;
  std::shared_ptr<bus::internal::EventGate> watcher_;
  bool graph_changed_{false};
  core::Nanoseconds next_hello_ns_{0};
  core::Nanoseconds room_due_ns_{0};  // when who was refused may try again; 0: nobody was
  unsigned look_{kEverywhere};        // sockets whose edges may have been swallowed
  core::Nanoseconds looked_ns_{0};    // after a publish
  core::Nanoseconds look_due_ns_{0};  // when the receive thread looks instead; 0: nothing to look for
  async::internal::FileDescriptor wake_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace takt::zmq::internal
