#include "takt/bus/bus.hpp"

#include <algorithm>
#include <utility>

#include <boost/core/demangle.hpp>

#include "takt/core/error.hpp"

namespace takt::bus {
namespace {

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

}  // namespace

bool is_legal_topic_name(std::string_view name) noexcept {
  if (name.size() < 2 || name.front() != '/') {
    return false;
  }
  char previous = 0;
  for (const char c : name) {
    const bool legal = c == '/' ? previous != '/' : is_letter(c) || (is_digit(c) && previous != '/');
    if (!legal) {
      return false;
    }
    previous = c;
  }
  return previous != '/';
}

void* Bus::find_or_make(std::string_view name, std::type_index type, Maker make) {
  if (!is_legal_topic_name(name)) {
    throw LogicError("topic name '" + std::string(name) +
                     "' is not legal: want '/name' or '/a/b' of letters, digits and '_'");
  }
  const std::scoped_lock lock(mutex_);
  const auto found = topics_.find(name);
  if (found == topics_.end()) {
    auto core = std::make_shared<internal::TopicCore>(std::string(name), boost::core::demangle(type.name()));
    auto topic = make(core);
    return topics_.emplace(name, Entry{type, std::move(core), std::move(topic)}).first->second.topic.get();
  }
  if (found->second.type != type) {
    throw LogicError("topic " + found->first + " carries " + found->second.core->type_name() + ", not " +
                     boost::core::demangle(type.name()));
  }
  return found->second.topic.get();
}

std::vector<TopicInfo> Bus::topics() const {
  const std::scoped_lock lock(mutex_);
  std::vector<TopicInfo> infos;
  for (const auto& [name, entry] : topics_) {
    infos.push_back({name, entry.core->type_name(), entry.core->subscriber_count()});
  }
  return infos;
}

void Bus::add(std::shared_ptr<Transport> transport) {
  const std::scoped_lock lock(mutex_);
  transports_.push_back(std::move(transport));
}

std::vector<std::shared_ptr<Transport>> Bus::transports() const {
  const std::scoped_lock lock(mutex_);
  return transports_;
}

void* Bus::find_or_make_shared(std::type_index type, std::shared_ptr<void> (*make)()) {
  const std::scoped_lock lock(mutex_);
  std::shared_ptr<void>& shared = shared_[type];
  if (!shared) {
    shared = make();
  }
  return shared.get();
}

}  // namespace takt::bus
