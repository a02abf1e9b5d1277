#include "takt/teleop/replay/request_memory.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <utility>

#include <boost/icl/interval_set.hpp>

#include "takt/core/error.hpp"

namespace takt::teleop::replay {

struct RequestMemory::Client {
  std::string name;
  core::Nanoseconds heard_ns{0};
  std::map<std::uint64_t, std::shared_ptr<const std::string>> answers;  // null: it is being done
  std::deque<std::uint64_t> done;                                       // of these, in that order
  boost::icl::interval_set<std::uint64_t> forgotten;                    // done, or nobody can tell any more
};

RequestMemory::RequestMemory() : RequestMemory(Bounds{}) {}
RequestMemory::~RequestMemory() = default;

RequestMemory::RequestMemory(Bounds bounds) : bounds_(bounds) {
  if (bounds.clients == 0 || bounds.answers == 0 || bounds.ranges == 0) {
    throw LogicError("a memory of requests remembers at least one client, one answer and one range of numbers");
  }
}

RequestMemory::Clients::iterator RequestMemory::find(std::string_view name) {
  return std::ranges::find(clients_, name, &Client::name);
}

/// Forgets a client if there are too many: the one heard least recently of those that ask nothing again. False: there
/// is none.
bool RequestMemory::make_room(core::Nanoseconds now_ns) {
  if (clients_.size() < bounds_.clients) {
    return true;
  }
  const core::Nanoseconds since_ns = now_ns - core::from_seconds(bounds_.keep_s);
  for (auto client = clients_.end(); client != clients_.begin();) {
    --client;
    const bool idle = client->done.size() == client->answers.size();
    if (client->heard_ns <= since_ns && idle) {
      for (const auto& [number, answer] : client->answers) {
        bytes_ -= answer->size();
      }
      clients_.erase(client);
      return true;
    }
  }
  return false;
}

/// That client, first from now on; made where there is none. None: there is no room for it.
RequestMemory::Client* RequestMemory::heard(std::string_view name, core::Nanoseconds now_ns) {
  const auto found = find(name);
  if (found != clients_.end()) {
    clients_.splice(clients_.begin(), clients_, found);
  } else if (make_room(now_ns)) {
    clients_.emplace_front().name = name;
  } else {
    return nullptr;
  }
  clients_.front().heard_ns = now_ns;
  return &clients_.front();
}

/// Of what is done.
void RequestMemory::forget_oldest(Client& client) {
  const auto oldest = client.answers.find(client.done.front());
  client.done.pop_front();
  client.forgotten.add(oldest->first);
  bytes_ -= oldest->second->size();
  client.answers.erase(oldest);
  while (client.forgotten.iterative_size() > bounds_.ranges) {  // of the oldest two one is made
    const auto first = client.forgotten.begin();
    client.forgotten.add(boost::icl::hull(*first, *std::next(first)));
  }
}

/// Answers of those heard least recently go, but the newest of `but`.
void RequestMemory::shrink(const Client& but) {
  for (auto client = clients_.rbegin(); client != clients_.rend() && bytes_ > bounds_.bytes; ++client) {
    const std::size_t keep = &*client == &but ? 1 : 0;
    while (client->done.size() > keep && bytes_ > bounds_.bytes) {
      forget_oldest(*client);
    }
  }
}

RequestMemory::Known RequestMemory::begin(std::string_view name, std::uint64_t number, core::Nanoseconds now_ns) {
  const std::scoped_lock lock(mutex_);
  Client* const known_client = heard(name, now_ns);
  if (known_client == nullptr) {
    return {.verdict = Verdict::kFull, .answer = {}};
  }
  Client& client = *known_client;
  const auto known = client.answers.find(number);
  if (known != client.answers.end()) {
    return {.verdict = known->second == nullptr ? Verdict::kRunning : Verdict::kAnswered, .answer = known->second};
  }
  if (boost::icl::contains(client.forgotten, number)) {
    return {.verdict = Verdict::kTooOld, .answer = {}};
  }
  client.answers.emplace(number, nullptr);
  return {};
}

void RequestMemory::finish(std::string_view name, std::uint64_t number, std::shared_ptr<const std::string> answer) {
  const std::scoped_lock lock(mutex_);
  const auto client = find(name);
  if (client == clients_.end()) {
    return;  // nobody has asked
  }
  const auto known = client->answers.find(number);
  if (known == client->answers.end() || known->second != nullptr) {
    return;
  }
  bytes_ += answer->size();
  known->second = std::move(answer);
  client->done.push_back(number);
  while (client->done.size() > bounds_.answers) {
    forget_oldest(*client);
  }
  shrink(*client);
}

void RequestMemory::give_up(std::string_view name, std::uint64_t number) {
  const std::scoped_lock lock(mutex_);
  const auto client = find(name);
  if (client != clients_.end()) {
    std::erase_if(client->answers, [number](const auto& one) { return one.first == number && one.second == nullptr; });
  }
}

std::size_t RequestMemory::clients() const {
  const std::scoped_lock lock(mutex_);
  return clients_.size();
}

std::size_t RequestMemory::bytes() const {
  const std::scoped_lock lock(mutex_);
  return bytes_;
}

}  // namespace takt::teleop::replay
