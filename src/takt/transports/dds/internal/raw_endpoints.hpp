#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <utility>

#include <dds/dds.h>

#include "takt/transports/dds/dds_transport.hpp"
#include "takt/transports/dds/internal/doorbell.hpp"
#include "takt/transports/dds/internal/entity.hpp"
#include "takt/transports/dds/internal/sample.hpp"

/// A reader and a writer of one topic each, in the words of DDS.
namespace takt::dds {

/// What Cyclone DDS tells, on its threads or on that of a caller. Must be short, and call nothing that waits.
struct RawEvents {
  std::function<void()> data;      ///< readers: take() gives something after it gave nothing; on the receive thread
  std::function<void()> matched;   ///< the number of peers is another
  std::function<void()> deadline;  ///< missed
  std::function<void()> full{};    ///< readers that keep all: no room; on the receive thread, which tries again soon
};

class RawReader {
 public:
  /// Names as on DDS. @throws SystemError
  RawReader(dds_entity_t participant, const std::string& topic, const std::string& type, const dds_qos_t* qos,
            RawEvents events);

  /// Gives samples to `visit(const Sample&, const dds_sample_info_t&)`, oldest first, until it says true to one. False
  /// when there is none left. One thread at a time; never blocks.
  template <class Visit>
  bool take(Visit&& visit) {
    SampleRef sample;
    dds_sample_info_t info{};
    while (next(sample, info)) {
      if (visit(*sample, info)) {
        return true;
      }
    }
    return false;
  }

  /// Takes the oldest sample away from whoever takes, and gives it to `visit(const Sample&, const dds_sample_info_t&)`.
  /// Inside RawEvents::full; nobody takes meanwhile.
  template <class Visit>
  void drop_oldest(Visit&& visit) {
    SampleRef sample;
    dds_sample_info_t info{};
    while (take_one(sample, info) > 0) {
      if (info.valid_data) {
        visit(*sample, info);
        return;
      }
    }
  }

  /// Drops what is there, and whatever still comes: from now on it holds nobody up. After the last take().
  void close();

  [[nodiscard]] bus::Matched matched() const;
  [[nodiscard]] dds_entity_t entity() const noexcept { return handle_; }
  [[nodiscard]] Guid guid() const;

 private:
  [[nodiscard]] dds_entity_t create(dds_entity_t participant, const dds_qos_t* qos);
  [[nodiscard]] bool next(SampleRef& sample, dds_sample_info_t& info);
  /// @return as dds_takecdr
  [[nodiscard]] dds_return_t take_one(SampleRef& sample, dds_sample_info_t& info);

  RawEvents events_;
  Doorbell doorbell_;
  std::atomic<bool> closed_{false};
  std::atomic<dds_entity_t> handle_{0};  // of entity_: its listener may take before entity_ is assigned
  RawTopic topic_;
  Entity entity_;  // last: its listener needs the others
};

class RawWriter {
 public:
  /// Names as on DDS. @param max_bytes  Of a message; more is too large. @throws SystemError
  RawWriter(dds_entity_t participant, const std::string& topic, const std::string& type, const dds_qos_t* qos,
            RawEvents events, std::size_t max_bytes = kMaxMessageBytes);

  /// Sends `message`, with `inserted` behind its CDR header. Never blocks. One thread at a time.
  [[nodiscard]] Expected<void, bus::SendError> write(bus::Bytes message, bus::Bytes inserted = {});

  /// Waits until its readers have confirmed what was written, but not longer.
  void await_confirmed(core::Nanoseconds at_most) const { (void)dds_wait_for_acks(entity_.get(), at_most); }

  [[nodiscard]] bus::Matched matched() const;
  [[nodiscard]] dds_entity_t entity() const noexcept { return entity_.get(); }
  [[nodiscard]] Guid guid() const;

 private:
  [[nodiscard]] dds_entity_t create(dds_entity_t participant, const dds_qos_t* qos);

  RawEvents events_;
  std::size_t max_bytes_;
  RawTopic topic_;
  Entity entity_;  // last: its listener needs the others
};

/// The GUID of an entity; all zero when it has gone.
[[nodiscard]] Guid guid_of(dds_entity_t entity);

/// What Cyclone DDS calls an entity within this process; random enough to be unique beyond it.
[[nodiscard]] dds_instance_handle_t instance_of(dds_entity_t entity);

}  // namespace takt::dds
