#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "takt/core/time.hpp"

namespace takt::teleop::replay {

/// What has been asked and answered, so that a request that comes twice is done once. Of each client it remembers what
/// is being done, the last answers, and of those before them only their numbers, in ranges: one that was overtaken by
/// many others is new all the same. Of the clients those heard last; but one that may still ask again is not forgotten
/// for a new one, which is turned away instead. A resource; thread safe.
class RequestMemory {
 public:
  struct Bounds {
    std::size_t clients{256};                   ///< above 0
    double keep_s{60.0};                        ///< a client that was heard within this time is not forgotten
    std::size_t answers{64};                    ///< of one client; above 0
    std::size_t ranges{1024};                   ///< of numbers without their answers, of one client; above 0
    std::size_t bytes{std::size_t{64} << 20U};  ///< of all answers, beyond the newest
  };

  enum class Verdict : std::uint8_t {
    kNew,       ///< do it, then finish()
    kRunning,   ///< it is being done; its answer comes
    kAnswered,  ///< it was done: say `answer` again
    kTooOld,    ///< it came before and its answer is forgotten, or that cannot be told any more; not to be done
    kFull,      ///< of a new client, while none may be forgotten; it is not remembered
  };
  struct Known {
    Verdict verdict{Verdict::kNew};
    std::shared_ptr<const std::string> answer{};  ///< of kAnswered
  };

  RequestMemory();
  /// @throws LogicError for a bound of 0
  explicit RequestMemory(Bounds bounds);
  ~RequestMemory();
  RequestMemory(const RequestMemory&) = delete;
  RequestMemory& operator=(const RequestMemory&) = delete;

  /// A request has come. @param client  not empty; @param number  from 1, rising with each request of that client;
  /// @param now_ns  of one clock, always the same
  [[nodiscard]] Known begin(std::string_view client, std::uint64_t number, core::Nanoseconds now_ns);

  /// The answer to what begin() called new: not null. From then on it may be forgotten, after those before it.
  void finish(std::string_view client, std::uint64_t number, std::shared_ptr<const std::string> answer);

  /// What begin() called new will not be done: it is new when it comes again.
  void give_up(std::string_view client, std::uint64_t number);

  [[nodiscard]] std::size_t clients() const;
  [[nodiscard]] std::size_t bytes() const;  ///< of the answers

 private:
  struct Client;
  using Clients = std::list<Client>;

  [[nodiscard]] Client* heard(std::string_view name, core::Nanoseconds now_ns);
  [[nodiscard]] bool make_room(core::Nanoseconds now_ns);
  void forget_oldest(Client& client);
  void shrink(const Client& but);
  [[nodiscard]] Clients::iterator find(std::string_view name);

  const Bounds bounds_;
  mutable std::mutex mutex_;
  Clients clients_;  // heard last first
  std::size_t bytes_{0};
};

}  // namespace takt::teleop::replay
