#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
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
class TaskThread;
}  // namespace internal

/// The owner's side of the commands: hears /<robot>/cmd, lets a handler do what is asked, and answers where the request
/// says (docs/formats/commands.md).
///
/// What is asked in this process is done inside the publish, on the caller's thread, several at once too; the answer
/// has been published when that returns. What comes over transports is done on three threads of its own, so that a
/// transport's receive thread waits for no write to a robot: "cmd.<robot>" takes it, and does what takes no time; what
/// may take long (loading, proving, large texts), and what comes while that is done, waits for "work.<robot>", which
/// does one after the other; long answers to who only looks (LIST, GET_TRAJECTORY_FRAMES) are made on "look.<robot>",
/// where they hold up nobody who moves the arm. STOP_REPLAY, PAUSE, RENEW and STATUS never wait. There are no such
/// threads where the bus has no transports. What is received when too much waits already is dropped: who asked asks
/// again.
///
/// A request that comes twice is done once (RequestMemory), and answered with the answer it had. A resource.
class CommandService {
 public:
  struct Options {
    RequestMemory::Bounds memory{};
    std::size_t reply_topics{64};   ///< clients beyond this process whose way back is kept open
    double every_s{0.0};            ///< how often `every` is called; 0: never
    std::function<void()> every{};  ///< on the thread "cmd.<robot>", between requests; where there is that thread
    std::size_t waiting{64};        ///< requests at once that wait for "work.<robot>", and for "look.<robot>"
  };

  /// @param bus  its transports are those it has now; bus and handler outlive this. @throws LogicError when the robot's
  /// name is no part of a topic; what a transport throws
  CommandService(bus::Bus& bus, const std::string& robot, CommandHandler& handler, Options options);
  CommandService(bus::Bus& bus, const std::string& robot, CommandHandler& handler);
  /// Waits for what is being done. Not from inside a handler.
  ~CommandService();
  CommandService(const CommandService&) = delete;
  CommandService& operator=(const CommandService&) = delete;

  struct Counts {
    std::uint64_t done{0};       ///< requests that the handler was asked
    std::uint64_t one_way{0};    ///< of them: that wanted no answer
    std::uint64_t repeated{0};   ///< came again, and were not done again
    std::uint64_t malformed{0};  ///< were no requests
    std::uint64_t dropped{0};    ///< had no room to wait in, and were not done
    std::uint64_t failed{0};     ///< the handler threw, or an answer could not be said
  };
  [[nodiscard]] Counts counts() const noexcept;

 private:
  struct ReplyWay {
    std::string topic;
    std::shared_ptr<internal::TextSender> sender;  // shared with who is just sending when the way is given up
  };
  /// Where a request came from, and when.
  struct Source {
    bool remote{false};
    core::Nanoseconds received_ns{0};
  };

  template <class Work>
  void attempt(const Work& work) noexcept;
  void take(const std::stop_token& stop);
  void wait(const std::stop_token& stop, core::Nanoseconds due_ns);
  void sort(std::string text);
  bool later(internal::TaskThread& thread, std::size_t bytes, std::function<void()> work);
  void serve(const std::string& text, const Source& source);
  [[nodiscard]] std::optional<bool> admit(const CommandRequest& request, const Source& source);
  void repeat(const ReplyAddress& address, std::shared_ptr<const std::string> text, bool remote);
  void perform(const CommandRequest& request, const Source& source, bool remembers);
  void refuse(const BadRequest& bad, bool remote);
  [[nodiscard]] std::shared_ptr<const std::string> ask(const CommandRequest& request, const Source& source,
                                                       bool answers);
  void answer(const ReplyAddress& address, const CommandResult& result, bool remote);
  void say(const std::string& topic, const std::string& text, bool remote);
  [[nodiscard]] std::shared_ptr<internal::TextSender> way_to(const std::string& topic);

  bus::Bus& bus_;
  const std::string topic_;
  CommandHandler& handler_;
  const Options options_;
  RequestMemory memory_;
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::uint64_t> one_way_{0};
  std::atomic<std::uint64_t> repeated_{0};
  std::atomic<std::uint64_t> malformed_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> failed_{0};

  std::mutex ways_mutex_;
  std::list<ReplyWay> ways_;  // used last first

  std::mutex mutex_;  // of what follows
  std::condition_variable_any came_;
  bool data_{false};

  std::unique_ptr<internal::TextReceiver> receiver_;
  bus::Subscription here_;
  std::unique_ptr<internal::TaskThread> work_;
  std::unique_ptr<internal::TaskThread> look_;
  std::unique_ptr<realtime::RealtimeThread> thread_;  // last: it uses all of the above
};

}  // namespace takt::teleop::replay
