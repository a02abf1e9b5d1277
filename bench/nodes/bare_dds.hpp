#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <dds/dds.h>

/// Cyclone DDS with types of its own compiler, and Asio, as a program by hand would use them: the baseline of nodes.
namespace takt::bench {

/// Of Cyclone DDS, as CYCLONEDDS_URI has it: on the loopback interface, as takt's transport is.
[[nodiscard]] const char* loopback_configuration() noexcept;

/// A participant on the loopback interface, configured as takt's is. A resource; ends with all that is in it.
class BareParticipant {
 public:
  /// @throws SystemError when Cyclone DDS fails, as all here
  explicit BareParticipant(std::uint32_t domain);
  ~BareParticipant();
  BareParticipant(const BareParticipant&) = delete;
  BareParticipant& operator=(const BareParticipant&) = delete;

  /// Reliable, the last 10 are kept, as ROS 2 does by default.
  [[nodiscard]] dds_entity_t writer(const dds_topic_descriptor_t& type, const std::string& topic) const;
  [[nodiscard]] dds_entity_t reader(const dds_topic_descriptor_t& type, const std::string& topic,
                                    const dds_listener_t* listener) const;

 private:
  [[nodiscard]] dds_entity_t topic(const dds_topic_descriptor_t& type, const std::string& name) const;

  dds_entity_t domain_;
  dds_entity_t participant_;
};

/// @throws SystemError for a negative one
dds_entity_t checked(dds_entity_t made, const char* what);

/// Takes what comes, on the thread that runs `io`: the listener posts, once per burst.
template <class T>
class PostedReader {
 public:
  /// @param use  gets each message
  PostedReader(boost::asio::io_context& io, const BareParticipant& participant, const dds_topic_descriptor_t& type,
               const std::string& topic, std::function<void(const T&)> use)
      : io_(io), use_(std::move(use)) {
    dds_listener_t* const listener = dds_create_listener(this);
    dds_lset_data_available(listener, [](dds_entity_t reader, void* self) {
      auto& posted = *static_cast<PostedReader*>(self);
      if (!posted.posted_.exchange(true)) {
        boost::asio::post(posted.io_, [&posted, reader] { posted.take_all(reader); });
      }
    });
    reader_ = participant.reader(type, topic, listener);
    dds_delete_listener(listener);
  }
  /// `io` does not run any more.
  ~PostedReader() { (void)dds_delete(reader_); }
  PostedReader(const PostedReader&) = delete;
  PostedReader& operator=(const PostedReader&) = delete;

  [[nodiscard]] dds_entity_t entity() const noexcept { return reader_; }

 private:
  void take_all(dds_entity_t reader) {
    posted_.exchange(false);
    void* sample = nullptr;
    dds_sample_info_t info{};
    while (dds_take(reader, &sample, &info, 1, 1) > 0) {
      if (info.valid_data) {
        use_(*static_cast<const T*>(sample));
      }
      (void)dds_return_loan(reader, &sample, 1);
      sample = nullptr;
    }
  }

  boost::asio::io_context& io_;
  std::function<void(const T&)> use_;
  std::atomic<bool> posted_{false};
  dds_entity_t reader_{0};
};

}  // namespace takt::bench
