#include "takt/node/internal/publisher_gate.hpp"

namespace takt::node::internal {
namespace {

/// How many gates this thread is sending through, one inside the other.
int& sends_of_this_thread() noexcept {
  thread_local int sends = 0;
  return sends;
}

}  // namespace

/// The use of the endpoints, until what others left has been sent as well.
class PublisherGate::Sending {
 public:
  explicit Sending(PublisherGate& gate) noexcept : gate_(gate) { ++sends_of_this_thread(); }
  Sending(const Sending&) = delete;
  Sending& operator=(const Sending&) = delete;
  ~Sending() {
    while (gate_.take_left()) {
      gate_.send_left();
    }
    --sends_of_this_thread();
  }

 private:
  PublisherGate& gate_;
};

void PublisherGate::add(std::unique_ptr<bus::TransportPublisher> endpoint, bool tells_matches) {
  remote_.push_back(std::make_shared<Remote>(Remote{std::move(endpoint), tells_matches}));
  carried_ = true;
}

void PublisherGate::close() noexcept {
  std::vector<std::shared_ptr<Remote>> closed;  // after the lock: it waits for their events
  const std::scoped_lock lock(mutex_);
  closed.swap(remote_);
}

// Somebody listens, may come later and be given it, or might listen for all this transport knows.
bool PublisherGate::wanted(const Remote& remote) const {
  return !remote.tells_matches || keeps_for_late_ || remote.endpoint->matched().current > 0;
}

void PublisherGate::note(const SendResult& sent, SendResult& result) noexcept {
  if (!sent) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    result = result ? sent : result;
  }
}

// False, without waiting, when this thread is inside another send, and the endpoints are in use.
bool PublisherGate::begin_sending(std::unique_lock<std::mutex>& lock) {
  if (sends_of_this_thread() == 0) {
    free_.wait(lock, [this] { return !sending_; });
  }
  return !std::exchange(sending_, true);
}

PublisherGate::SendResult PublisherGate::send(const Encode& encode) {
  const std::uint64_t matches = matches_->load(std::memory_order_acquire);
  if (!carried_ || nobody_at_.load(std::memory_order_relaxed) == matches) {
    return {};
  }
  {
    std::unique_lock lock(mutex_);
    if (!begin_sending(lock)) {
      return leave(encode);
    }
  }
  const Sending sending(*this);
  bool encoded = false;
  SendResult result;
  for (std::size_t i = 0; const auto remote = at(i); ++i) {
    if (wanted(*remote)) {
      if (!std::exchange(encoded, true)) {
        encode(bytes_);
      }
      note(remote->endpoint->publish(bytes_), result);
    }
  }
  if (!encoded) {  // with what matched since, the count is another
    nobody_at_.store(matches, std::memory_order_relaxed);
  }
  return result;
}

PublisherGate::SendResult PublisherGate::try_send(std::size_t index, const Encode& encode) {
  const auto remote = at(index);
  if (remote == nullptr) {
    return Unexpected(bus::SendError::kClosed);
  }
  if (!wanted(*remote)) {
    return {};
  }
  {
    std::unique_lock lock(mutex_);
    if (!begin_sending(lock)) {
      return Unexpected(bus::SendError::kWouldBlock);
    }
  }
  const Sending sending(*this);
  encode(bytes_);
  return remote->endpoint->publish(bytes_);
}

// @pre mutex_ is locked. Who sends must come to an end, also when each message that it sends makes another be left.
PublisherGate::SendResult PublisherGate::leave(const Encode& encode) {
  if (left_ >= kMostLeft) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return Unexpected(bus::SendError::kWouldBlock);
  }
  std::vector<std::byte> bytes;
  encode(bytes);
  outbox_.push_back(std::move(bytes));
  ++left_;
  return {};
}

// Into bytes_. False, and the endpoints are free: nothing was left.
bool PublisherGate::take_left() noexcept {
  const std::scoped_lock lock(mutex_);
  sending_ = !outbox_.empty();
  if (sending_) {
    bytes_ = std::move(outbox_.front());
    outbox_.pop_front();
  } else {
    left_ = 0;
    free_.notify_one();
  }
  return sending_;
}

void PublisherGate::send_left() noexcept {
  SendResult result;  // nobody's any more
  for (std::size_t i = 0; const auto remote = at(i); ++i) {
    try {
      if (wanted(*remote)) {
        note(remote->endpoint->publish(bytes_), result);
      }
    } catch (...) {  // who left it has gone on, and who sends has a result of its own
      refused_.fetch_add(1, std::memory_order_relaxed);
    }
  }
}

std::shared_ptr<PublisherGate::Remote> PublisherGate::at(std::size_t index) const noexcept {
  const std::scoped_lock lock(mutex_);
  return index < remote_.size() ? remote_[index] : nullptr;
}

std::size_t PublisherGate::count() const noexcept {
  const std::scoped_lock lock(mutex_);
  return remote_.size();
}

std::size_t PublisherGate::matched() const {
  matches_->fetch_add(1, std::memory_order_release);
  std::size_t count = 0;
  const std::scoped_lock lock(mutex_);
  for (const auto& remote : remote_) {
    count += remote->endpoint->matched().current;
  }
  return count;
}

}  // namespace takt::node::internal
