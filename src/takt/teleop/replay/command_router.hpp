#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "takt/async/tasks/task.hpp"
#include "takt/bus/bus.hpp"
#include "takt/core/error.hpp"
#include "takt/messages/packages/std_msgs.hpp"
#include "takt/teleop/replay/command.hpp"
#include "takt/teleop/replay/command_json.hpp"

namespace takt::async {
class Doorbell;
}

namespace takt::teleop::replay {

namespace internal {
class TextSender;
class TextReceiver;
}  // namespace internal

/// Why a request has no value.
enum class NoValue : std::uint8_t {
  kNobody,    ///< nobody heard it: no owner of that robot is on the bus
  kNoReply,   ///< it was heard, and not answered in time; it may be done all the same
  kRefused,   ///< the owner's words
  kBadReply,  ///< what came as its answer is none
  kTooLong    ///< it was not said: more than kMaxCommandBytes, which an owner refuses unread
};
struct RequestFailure {
  NoValue kind{NoValue::kNobody};
  std::string text{};  ///< one line
};
using RequestResult = Expected<CommandValue, RequestFailure>;

/// How long a request is waited for.
struct Patience {
  double timeout_s{2.0};
  double resend_after_s{0.5};  ///< without an answer it is said again: the owner does it once all the same
  double find_s{5.0};          ///< nobody who hears it within this time: nobody is there
};

/// The client's side of the commands (docs/formats/commands.md): says what is asked on /<robot>/cmd, hears
/// /<client>/reply, and brings each answer to who waits for it. An answer that nobody waits for any more, or never did,
/// is ignored.
///
/// In one process with a CommandService all of it happens inside the call, on the caller's stack. Over transports the
/// answer comes on a transport's thread while the caller waits; a request waits, too, until somebody hears it.
///
/// A resource; thread safe. Must outlive its requests.
class CommandRouter {
 public:
  /// @param bus  its transports are those it has now; outlives this. @param client  part of a topic: "desk"; several
  /// may share one. @throws LogicError when it is none; what a transport throws
  CommandRouter(bus::Bus& bus, const std::string& client);
  ~CommandRouter();
  CommandRouter(const CommandRouter&) = delete;
  CommandRouter& operator=(const CommandRouter&) = delete;

  /// Asks, and waits for the answer. For threads: on an event loop it would stand still.
  [[nodiscard]] RequestResult request(const std::string& robot, const Command& command, Patience patience = {});

  /// The same for a task of an event loop, which goes on meanwhile: what is done in this process is done on another
  /// thread (async::offload). Cancellation: Cancelled; what was asked may be done all the same, its answer is ignored.
  [[nodiscard]] async::Task<RequestResult> request_async(std::string robot, Command command, Patience patience = {});

  /// Says it and wants no answer. Waits for nobody but a handler in this process. False: nobody hears it, or it is too
  /// long (NoValue::kTooLong) and was not said.
  bool post(const std::string& robot, const Command& command);

  /// Never another's: what the owner knows it by.
  [[nodiscard]] const std::string& client_id() const noexcept { return client_id_; }

  struct Counts {
    std::uint64_t requests{0};
    std::uint64_t resent{0};
    std::uint64_t posts{0};
    std::uint64_t replies{0};    ///< that somebody waited for
    std::uint64_t ignored{0};    ///< late, unknown or another's
    std::uint64_t malformed{0};  ///< were no replies
  };
  [[nodiscard]] Counts counts() const noexcept;

 private:
  struct Robot;
  struct Pending;
  class Waiting;

  [[nodiscard]] Robot& robot(const std::string& name);
  void hear(const std::string& text);
  void take();
  void poke_all();
  [[nodiscard]] bool answered(const Pending& pending) const;
  void say_beyond(Robot& to, const std::string& text, Pending& pending);
  [[nodiscard]] RequestResult result_of(const std::string& robot, Pending& pending, const Patience& patience) const;
  [[nodiscard]] async::Task<void> wait_for(Robot& to, const std::string& text, Pending& pending, Patience patience);

  bus::Bus& bus_;
  const std::string reply_topic_;
  const std::string client_id_;
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<std::uint64_t> resent_{0};
  std::atomic<std::uint64_t> posts_{0};
  std::atomic<std::uint64_t> replies_{0};
  std::atomic<std::uint64_t> ignored_{0};
  std::atomic<std::uint64_t> malformed_{0};

  mutable std::mutex mutex_;  // of what follows; nothing is said with it
  std::uint64_t last_corr_{0};
  std::map<std::uint64_t, Pending*> pending_;
  std::map<std::string, std::unique_ptr<Robot>> robots_;

  std::mutex taking_;  // one thread takes at a time
  std::unique_ptr<internal::TextReceiver> receiver_;
  bus::Subscription here_;  // last: it calls hear()
};

}  // namespace takt::teleop::replay
