#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace takt::teleop::replay {

/// What has been asked and answered, so that a request that comes twice is done once. Bounded: of each client the last
/// answers, of the clients those heard last. A resource; thread safe.
class RequestMemory {
 public:
  struct Bounds {
    std::size_t clients{64};                    ///< above 0
    std::size_t answers{64};                    ///< of one client; above 0
    std::size_t bytes{std::size_t{64} << 20U};  ///< of all answers, beyond the newest
  };

  enum class Verdict : std::uint8_t {
    kNew,       ///< do it, then finish()
    kRunning,   ///< it is being done; its answer comes
    kAnswered,  ///< it was done: say `answer` again
    kTooOld,    ///< older than what is remembered: it was done, or given up; not to be done
  };
  struct Known {
    Verdict verdict{Verdict::kNew};
    std::shared_ptr<const std::string> answer{};  ///< of kAnswered
  };

  RequestMemory() : RequestMemory(Bounds{}) {}
  /// @throws LogicError for a bound of 0
  explicit RequestMemory(Bounds bounds);
  RequestMemory(const RequestMemory&) = delete;
  RequestMemory& operator=(const RequestMemory&) = delete;

  /// A request has come. @param client  not empty; @param number  from 1, rising with each request of that client
  [[nodiscard]] Known begin(std::string_view client, std::uint64_t number);

  /// The answer to what begin() called new.
  void finish(std::string_view client, std::uint64_t number, std::shared_ptr<const std::string> answer);

  [[nodiscard]] std::size_t clients() const;
  [[nodiscard]] std::size_t bytes() const;  ///< of the answers

 private:
  struct Client {
    std::string name;
    std::uint64_t forgotten{0};                                           // up to this number
    std::map<std::uint64_t, std::shared_ptr<const std::string>> answers;  // null: it is being done
  };
  using Clients = std::list<Client>;

  [[nodiscard]] Clients::iterator heard(std::string_view name);
  void forget_oldest(Client& client);
  void shrink(const Client& but);
  [[nodiscard]] Clients::iterator find(std::string_view name);

  const Bounds bounds_;
  mutable std::mutex mutex_;
  Clients clients_;  // heard last first
  std::size_t bytes_{0};
};

}  // namespace takt::teleop::replay
