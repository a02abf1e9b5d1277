#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <thread>
#include <unordered_map>

#include <poll.h>

#include "takt/bus/bad_input.hpp"
#include "takt/core/file_descriptor.hpp"
#include "takt/core/log.hpp"
#include "takt/transports/zmq/internal/directory.hpp"
#include "takt/transports/zmq/internal/header.hpp"
#include "takt/transports/zmq/internal/socket.hpp"
#include "takt/transports/zmq/internal/traffic.hpp"
#include "takt/transports/zmq/internal/turn_mutex.hpp"

namespace takt::zmq::internal {

class Said;

/// Everything of a ZeroMQ transport but its endpoints' objects. One lock for socket and directory: whoever publishes
/// sends on its own thread, under the lock; the receive thread takes in under it, and tells without it. Thread safe.
class Link {
 public:
  explicit Link(const ZmqOptions& options);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// @param made  without its id and window
  [[nodiscard]] std::shared_ptr<Local> add(Announcement made, bus::EndpointEvents events);
  /// Waits for nothing but an event of it that runs. What is reliable and waits to be granted gets a moment to go out,
  /// by the receive thread; until then others see it.
  void remove(const std::shared_ptr<Local>& local);

  [[nodiscard]] Expected<void, bus::SendError> publish(Local& from, bus::Bytes bytes);
  [[nodiscard]] Expected<bus::RequestId, bus::SendError> request(Local& from, bus::Bytes bytes);
  [[nodiscard]] Expected<void, bus::SendError> reply(Local& from, const bus::RequestId& id, bus::Bytes bytes);
  [[nodiscard]] bus::Matched matched(const Local& local) const;
  [[nodiscard]] std::int64_t lost_before(const Local& client) const;
  /// Something was taken there: who waits for that gets its grant.
  void on_taken(Local& local);

  void add_node(const bus::NodeInfo& node);
  void remove_node(const std::string& name);
  [[nodiscard]] bus::Graph graph() const;
  void watch(std::function<void()> on_change);
  [[nodiscard]] ZmqStatistics statistics() const;

 private:
  /// Another process, from its hello or welcome until it cannot be reached or, at the binder, says hello anew.
  struct Peer {
    std::uint32_t session{0};
    std::string address;  // as that of its connection
    core::Nanoseconds greeted_ns{0};
    std::uint64_t token{0};  // of its welcome
    bool has_begun{false};   // it is there: nothing but the welcome is said to it before
    Departures departures;
    Arrivals arrivals;
    bool held_up{false};  // something waits until more of what it was sent is read
  };
  /// An endpoint whose object has gone, and which has something to send.
  struct Leaving {
    std::shared_ptr<Local> local;
    core::Nanoseconds until_ns{0};
  };

  // With the lock held: who is told what (link.cpp).
  void send(std::uint64_t process, const Header& header, bus::Bytes payload = {});
  void send(std::uint64_t process, const Header& header, ::zmq::message_t payload);
  template <class Frame>
  void send_to(std::uint64_t process, Header header, Frame payload);
  void announce(const Announcement& made);
  void announce_to(std::uint64_t process, const Announcement& made);
  void withdraw(const Announcement& made);
  void note(Changes& changes);
  void end(const std::shared_ptr<Local>& local);
  /// Those that leave and have nothing more to send, or had their time.
  void see_off();

  // With the lock held: lanes (link_send.cpp).
  enum class When : std::uint8_t { kNow, kSoon };
  [[nodiscard]] When when_to_send(Local& from, core::Nanoseconds now_ns) const;
  void say(const Local& from, const EndpointId& to, Lane& lane, Said& said, When when);
  void pump(const Local& from, const EndpointId& to, Lane& lane, When when = When::kNow);
  void pump_all(std::uint64_t process);
  void send_left();
  void look_after_sending(core::Nanoseconds now_ns);
  void on_matched(Local& local, const Announcement& remote);
  void lose_patience();
  void tell_when_writable(const std::shared_ptr<Local>& local);

  // With the lock held: sessions (link_session.cpp).
  void welcome(std::uint64_t process, const Header& hello, std::string address);
  void begin(std::uint64_t process);
  [[nodiscard]] std::string address_of(int connection) const;
  [[nodiscard]] bool may_come(const std::string& address) const;
  [[nodiscard]] bool may_announce(std::uint64_t process) const;
  void forget(std::uint64_t process);
  void end_lost();
  void greet_again();
  void keep_in_touch();
  void on_hello(std::uint64_t process, const Header& header, int connection);
  void on_welcome(const Header& header);
  void hear_of_connections();
  void on_event(const ConnectionEvent& event);
  [[nodiscard]] int longest_wait_ms() const;
  /// The transport ends, and all that left is out. Takes the lock.
  [[nodiscard]] bool is_done() const;

  // The receive thread: wait, take in a batch, tell (link_receive.cpp).
  void run();
  [[nodiscard]] unsigned wait_for_something(std::span<pollfd> watched);
  /// @param most  messages of this batch
  /// @return whether there is more to look at now
  [[nodiscard]] bool take_in(unsigned look, int most);
  [[nodiscard]] bool receive(unsigned look, int most);
  void on_message(Socket::Frames& frames, std::optional<std::uint64_t> from);
  void on_said(std::uint64_t process, const Header& header, Payload payload);
  void on_announcement(std::uint64_t process, bus::Bytes payload);
  void on_grant(std::uint64_t process, const Header& header);
  void on_receipt(std::uint64_t process, const Header& header);
  void bad(std::string_view fault) { bad_.note(fault, "a peer at " + options_.address); }

  // With the lock held: what comes for an endpoint (link_content.cpp).
  void confirm(std::uint64_t process, const Header& header, std::size_t bytes);
  void on_content(std::uint64_t process, const Header& header, Payload payload);
  [[nodiscard]] bool unpack(const Header& header, bus::Bytes payload);
  [[nodiscard]] bool keep(Local& local, const EndpointId& sender, const Header& header,
                          std::shared_ptr<Arrival> arrival);
  void look_at_grants(const std::shared_ptr<Local>& local);
  void grant(Local& local);

  void wake() const;
  void look_again();

  const ZmqOptions options_;
  const std::uint64_t process_;
  bus::BadInput bad_{"zmq"};
  mutable TurnMutex mutex_;
  Socket socket_;
  Directory directory_;
  std::unordered_map<std::uint64_t, Peer> peers_;
  std::vector<Leaving> leaving_;
  std::vector<std::uint64_t> lost_;                   // processes that could not be reached, to be forgotten
  std::unordered_map<int, std::string> connections_;  // a binder's that are open, and where they come from
  std::uint32_t session_{static_cast<std::uint32_t>(random_number())};  // a connector's
  std::uint64_t hello_{random_number()};                                // to be said back by who reads it
  std::uint64_t last_number_{0};
  std::vector<std::pair<EndpointId, EndpointId>> left_;  // lanes, by their ends, whose parcels are to be sent
  std::vector<Packed> unpacked_;                         // this and the next are kept for their memory
  std::vector<Message> came_;
  std::vector<std::shared_ptr<Local>> to_tell_;
  std::vector<std::shared_ptr<Local>> look_at_grants_;
  std::shared_ptr<bus::EventGate> watcher_;
  bool graph_changed_{false};
  core::Nanoseconds next_hello_ns_{0};
  core::Nanoseconds next_pulse_ns_{0};
  core::Nanoseconds next_look_ns_{0};  // at readers without progress
  core::RateGate patience_gate_;
  int probes_left_{0};
  bool look_again_{false};    // the socket's edge may have been swallowed
  Pace pace_;                 // of sending
  bool sent_unasked_{false};  // and nobody asked since whether the socket is ready
  bool waits_long_{false};    // the receive thread does
  bool was_woken_{false};     // for what is left_
  bool tells_{false};         // the receive thread runs events, and sends nothing that is left_
  core::FileDescriptor wake_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace takt::zmq::internal
