#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>

#include "takt/core/error.hpp"
#include "takt/node/errors.hpp"
#include "takt/node/internal/bells.hpp"

/// Internal to node: services between the nodes of one bus, by reference, without bytes.
namespace takt::node::internal {

/// Where the replies to a client come in. Shared by the client and by the requests that are on their way.
template <class Response>
class ReplyBox {
 public:
  struct Reply {
    std::int64_t sequence{0};
    Expected<Response, CallError> response;
  };

  /// Any thread. False: nobody takes replies any more.
  bool push(Reply reply) {
    {
      const std::scoped_lock lock(mutex_);
      if (closed_) {
        return false;
      }
      replies_.push_back(std::move(reply));
    }
    arrived_.ring();
    return true;
  }
  void close() noexcept {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  [[nodiscard]] std::optional<Reply> pop() {
    const std::scoped_lock lock(mutex_);
    if (replies_.empty()) {
      return std::nullopt;
    }
    std::optional<Reply> reply(std::move(replies_.front()));
    replies_.pop_front();
    return reply;
  }
  [[nodiscard]] Bells& arrived() noexcept { return arrived_; }

 private:
  std::mutex mutex_;
  std::deque<Reply> replies_;
  bool closed_{false};
  Bells arrived_;
};

/// The duty to answer one request: whoever drops it says that the server vanished. Movable.
template <class Response>
class ReplyDuty {
 public:
  ReplyDuty(std::weak_ptr<ReplyBox<Response>> client, std::int64_t sequence) noexcept
      : client_(std::move(client)), sequence_(sequence) {}
  ReplyDuty(ReplyDuty&& other) noexcept = default;
  ReplyDuty& operator=(ReplyDuty&& other) noexcept {
    answer(Unexpected(CallError::kServerVanished));
    client_ = std::move(other.client_);
    sequence_ = other.sequence_;
    return *this;
  }
  ~ReplyDuty() { answer(Unexpected(CallError::kServerVanished)); }

  /// Whether it is that client's request of that number.
  [[nodiscard]] bool is_to(const ReplyBox<Response>& client, std::int64_t sequence) const noexcept {
    return sequence_ == sequence && client_.lock().get() == &client;
  }

  /// Once; later calls do nothing. False: the client has gone.
  bool answer(Expected<Response, CallError> response) {
    const auto client = std::exchange(client_, {}).lock();
    return client != nullptr && client->push({sequence_, std::move(response)});
  }

 private:
  std::weak_ptr<ReplyBox<Response>> client_;
  std::int64_t sequence_;
};

/// A request to a server of this bus.
template <class S>
struct LocalRequest {
  typename S::Request request;
  ReplyDuty<typename S::Response> duty;
};

/// Where the requests of this bus to a server come in. Shared by the server and by LocalServices while it serves.
template <class S>
class RequestBox {
 public:
  explicit RequestBox(Bells& arrived) noexcept : arrived_(arrived) {}

  /// Any thread. Requests are not dropped: each has a caller that waits for it. False: the server has gone, and the
  /// request with it.
  bool push(LocalRequest<S> request) {
    const std::scoped_lock lock(mutex_);
    if (closed_) {
      return false;
    }
    requests_.push_back(std::move(request));
    arrived_.ring();
    return true;
  }
  [[nodiscard]] std::optional<LocalRequest<S>> pop() {
    const std::scoped_lock lock(mutex_);
    if (requests_.empty()) {
      return std::nullopt;
    }
    std::optional<LocalRequest<S>> request(std::move(requests_.front()));
    requests_.pop_front();
    return request;
  }
  /// The caller has given up: nobody needs to handle that request, if it is still here.
  void withdraw(const ReplyBox<typename S::Response>& client, std::int64_t sequence) noexcept {
    std::optional<LocalRequest<S>> dropped;  // after the lock
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::find_if(
        requests_, [&](const LocalRequest<S>& request) { return request.duty.is_to(client, sequence); });
    if (found != requests_.end()) {
      dropped.emplace(std::move(*found));
      requests_.erase(found);
    }
  }
  /// Who waits hears that the server vanished.
  void close() noexcept {
    std::deque<LocalRequest<S>> dropped;
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    dropped.swap(requests_);
  }

 private:
  Bells& arrived_;  // of the server, while it is not closed
  std::mutex mutex_;
  std::deque<LocalRequest<S>> requests_;
  bool closed_{false};
};

/// The servers of one bus. One per bus, shared by its nodes (Bus::shared). Thread safe.
class LocalServices {
 public:
  template <class S>
  void add(const std::string& name, std::shared_ptr<RequestBox<S>> box) {
    add_any(name, typeid(S), std::move(box));
  }
  void remove(const std::string& name, const void* box) noexcept;

  /// The server that has been there longest; null when there is none. @throws LogicError when it is of another type,
  /// naming both
  template <class S>
  [[nodiscard]] std::shared_ptr<RequestBox<S>> find(std::string_view name) const {
    return std::static_pointer_cast<RequestBox<S>>(find_any(name, typeid(S)));
  }
  [[nodiscard]] bool has(std::string_view name) const;

 private:
  struct Server {
    std::type_index type;
    std::shared_ptr<void> box;
  };
  void add_any(const std::string& name, std::type_index type, std::shared_ptr<void> box);
  [[nodiscard]] std::shared_ptr<void> find_any(std::string_view name, std::type_index type) const;

  mutable std::mutex mutex_;
  std::multimap<std::string, Server, std::less<>> servers_;
};

}  // namespace takt::node::internal
