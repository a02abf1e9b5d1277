#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "takt/bus/bus.hpp"
#include "takt/core/time.hpp"
#include "takt/realtime/thread.hpp"
#include "takt/teleop/replay/command.hpp"
#include "takt/teleop/replay/command_json.hpp"
#include "takt/teleop/replay/request_memory.hpp"

namespace takt::teleop::replay {

namespace internal {
class TextSender;
class TextReceiver;
}  // namespace internal

/// The owner's side of the commands: hears /<robot>/cmd, lets a handler do what is asked, and answers where the request
/// says (docs/formats/commands.md).
///
/// What is asked in this process is done inside the publish, on the caller's thread, several at once too; the answer
/// has been published when that returns. What comes over transports is done on a thread of its own, "cmd.<robot>", one
/// after the other, so that a transport's receive thread waits for no write to a robot. There is no such thread where
/// the bus has no transports.
///
/// A request that comes twice is done once (RequestMemory), and answered with the answer it had. A resource.
class CommandService {
 public:
  struct Options {
    RequestMemory::Bounds memory{};
    std::size_t reply_topics{64};   ///< clients beyond this process whose way back is kept open
    double every_s{0.0};            ///< how often `every` is called; 0: never
    std::function<void()> every{};  ///< on the thread "cmd.<robot>", between requests; where there is that thread
  };

  /// @param bus  its transports are those it has now; bus and handler outlive this. @throws LogicError when the robot's
  /// name is no part of a topic; what a transport throws
  CommandService(bus::Bus& bus, std::string robot, CommandHandler& handler, Options options);
  CommandService(bus::Bus& bus, std::string robot, CommandHandler& handler);
  /// Waits for what is being done. Not from inside a handler.
  ~CommandService();
  CommandService(const CommandService&) = delete;
  CommandService& operator=(const CommandService&) = delete;

  struct Counts {
    std::uint64_t done{0};       ///< requests that the handler was asked
    std::uint64_t one_way{0};    ///< of them: that wanted no answer
    std::uint64_t repeated{0};   ///< came again, and were not done again
    std::uint64_t malformed{0};  ///< were no requests
    std::uint64_t failed{0};     ///< the handler threw
  };
  [[nodiscard]] Counts counts() const noexcept;

 private:
  struct ReplyWay {
    std::string topic;
    std::unique_ptr<internal::TextSender> sender;
  };

  void take(const std::stop_token& stop);
  void wait(const std::stop_token& stop, core::Nanoseconds due_ns);
  void serve(const std::string& text, bool remote);
  void serve(const CommandRequest& request, bool remote);
  void refuse(const BadRequest& bad, bool remote);
  [[nodiscard]] CommandResult ask(const CommandRequest& request, bool remote);
  void answer(const ReplyAddress& address, const CommandResult& result, bool remote);
  void say(const std::string& topic, const std::string& text, bool remote);
  [[nodiscard]] internal::TextSender& way_to(const std::string& topic);

  bus::Bus& bus_;
  const std::string topic_;
  CommandHandler& handler_;
  const Options options_;
  RequestMemory memory_;
  std::list<ReplyWay> ways_;  // used last first; the thread's alone
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::uint64_t> one_way_{0};
  std::atomic<std::uint64_t> repeated_{0};
  std::atomic<std::uint64_t> malformed_{0};
  std::atomic<std::uint64_t> failed_{0};

  std::mutex mutex_;  // of what follows
  std::condition_variable_any came_;
  bool data_{false};

  std::unique_ptr<internal::TextReceiver> receiver_;
  bus::Subscription here_;
  std::unique_ptr<realtime::RealtimeThread> thread_;  // last: it uses all of the above
};

}  // namespace takt::teleop::replay
