#pragma once

#include <concepts>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

#include "takt/bus/topic.hpp"
#include "takt/bus/transport.hpp"

namespace takt::bus {

/// A topic as seen from outside.
struct TopicInfo {
  std::string name;
  std::string type_name;
  std::size_t subscribers{0};
};

/// The topics of one process. Outlives every publish; subscriptions may outlive it. Thread safe.
class Bus {
 public:
  Bus() = default;
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  /// The topic of that name, made on first use. Look it up once, at set-up, and keep the reference: it stays valid as
  /// long as the Bus. @param name ROS-legal: "/leader/state". @throws LogicError for another name, or when the topic
  /// has another type, naming both types.
  template <class T>
  [[nodiscard]] Topic<T>& topic(std::string_view name) {
    auto make = [](std::shared_ptr<internal::TopicCore> core) -> std::shared_ptr<void> {
      return std::make_shared<Topic<T>>(std::move(core));
    };
    return *static_cast<Topic<T>*>(find_or_make(name, typeid(T), make));
  }

  /// Every topic there is, by name.
  [[nodiscard]] std::vector<TopicInfo> topics() const;

  /// Lets nodes that are made from now on be heard beyond this process, and hear. The bus shares it until its own end.
  void add(std::shared_ptr<Transport> transport);
  [[nodiscard]] std::vector<std::shared_ptr<Transport>> transports() const;

  /// The one T of this bus, made on first use: what the users of one bus share without the bus knowing of it, such as
  /// the services of its nodes. Lives as long as the Bus.
  template <std::default_initializable T>
  [[nodiscard]] T& shared() {
    return *static_cast<T*>(
        find_or_make_shared(typeid(T), [] -> std::shared_ptr<void> { return std::make_shared<T>(); }));
  }

 private:
  struct Entry {
    std::type_index type;
    std::shared_ptr<internal::TopicCore> core;
    std::shared_ptr<void> topic;  // a Topic<T> of that type; the map is its only owner
  };
  using Maker = std::shared_ptr<void> (*)(std::shared_ptr<internal::TopicCore>);

  void* find_or_make(std::string_view name, std::type_index type, Maker make);
  void* find_or_make_shared(std::type_index type, std::shared_ptr<void> (*make)());

  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> topics_;
  std::vector<std::shared_ptr<Transport>> transports_;
  std::map<std::type_index, std::shared_ptr<void>> shared_;
};

/// True for a name that ROS 2 would take as a fully qualified topic: "/a/b_2".
[[nodiscard]] bool is_legal_topic_name(std::string_view name) noexcept;

}  // namespace takt::bus
