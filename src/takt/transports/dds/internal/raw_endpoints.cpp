#include "takt/transports/dds/internal/raw_endpoints.hpp"

#include <algorithm>
#include <memory>

namespace takt::dds {
namespace {

struct DeleteListener {
  void operator()(dds_listener_t* listener) const noexcept { dds_delete_listener(listener); }
};
using Listener = std::unique_ptr<dds_listener_t, DeleteListener>;

void tell(const std::function<void()>& event) {
  if (event) {
    event();
  }
}

}  // namespace

Guid guid_of(dds_entity_t entity) {
  dds_guid_t raw{};
  Guid guid{};
  if (dds_get_guid(entity, &raw) == DDS_RETCODE_OK) {
    std::ranges::copy(raw.v, guid.begin());
  }
  return guid;
}

dds_instance_handle_t instance_of(dds_entity_t entity) {
  dds_instance_handle_t handle = DDS_HANDLE_NIL;
  (void)dds_get_instance_handle(entity, &handle);
  return handle;
}

RawReader::RawReader(dds_entity_t participant, const std::string& topic, const std::string& type, const dds_qos_t* qos,
                     RawEvents events)
    : events_(std::move(events)),
      topic_(participant, topic, type),
      entity_(create(participant, qos), "reader of '" + topic + "'") {
  handle_ = entity_.get();
}

dds_entity_t RawReader::create(dds_entity_t participant, const dds_qos_t* qos) {
  dds_topic_filter filter{};  // called for whatever is to be kept; the topic is nobody else's
  filter.mode = DDS_TOPIC_FILTER_SAMPLEINFO_ARG;
  filter.f.sampleinfo_arg = [](const dds_sample_info_t*, void* closed) {
    return !static_cast<const std::atomic<bool>*>(closed)->load();
  };
  filter.arg = &closed_;
  if (const dds_return_t set = dds_set_topic_filter_extended(topic_.entity(), &filter); set < 0) {
    return set;
  }
  const Listener listener(dds_create_listener(this));
  dds_lset_data_available(listener.get(), [](dds_entity_t entity, void* self) {
    auto& reader = *static_cast<RawReader*>(self);
    reader.handle_ = entity;
    if (reader.doorbell_.ring()) {
      tell(reader.events_.data);
    }
  });
  dds_lset_subscription_matched(listener.get(), [](dds_entity_t, dds_subscription_matched_status_t, void* self) {
    tell(static_cast<RawReader*>(self)->events_.matched);
  });
  dds_lset_requested_deadline_missed(listener.get(),
                                     [](dds_entity_t, dds_requested_deadline_missed_status_t, void* self) {
                                       tell(static_cast<RawReader*>(self)->events_.deadline);
                                     });
  if (events_.full) {
    dds_lset_sample_rejected(listener.get(), [](dds_entity_t entity, dds_sample_rejected_status_t, void* self) {
      auto& reader = *static_cast<RawReader*>(self);
      reader.handle_ = entity;
      reader.events_.full();
    });
  }
  return dds_create_reader(participant, topic_.entity(), qos, listener.get());
}

dds_return_t RawReader::take_one(SampleRef& sample, dds_sample_info_t& info) {
  ddsi_serdata* taken = nullptr;
  const dds_return_t count = dds_takecdr(handle_, &taken, 1, &info, DDS_ANY_STATE);
  if (count > 0) {
    sample.reset(reinterpret_cast<const Sample*>(taken));
  }
  return count;
}

bool RawReader::next(SampleRef& sample, dds_sample_info_t& info) {
  while (true) {
    doorbell_.answer();
    const dds_return_t count = take_one(sample, info);
    if (count > 0) {
      if (info.valid_data) {
        return true;
      }
    } else if (doorbell_.rest() || count < 0) {
      return false;
    }
  }
}

void RawReader::close() {
  closed_ = true;
  ddsi_serdata* taken = nullptr;
  dds_sample_info_t info{};
  while (dds_takecdr(handle_, &taken, 1, &info, DDS_ANY_STATE) > 0) {
    ddsi_serdata_unref(taken);
  }
}

bus::Matched RawReader::matched() const {
  dds_subscription_matched_status_t status{};
  (void)dds_get_subscription_matched_status(entity_.get(), &status);
  return {.current = status.current_count, .total = status.total_count};
}

Guid RawReader::guid() const {
  return guid_of(entity_.get());
}

RawWriter::RawWriter(dds_entity_t participant, const std::string& topic, const std::string& type, const dds_qos_t* qos,
                     RawEvents events, std::size_t max_bytes)
    : events_(std::move(events)),
      max_bytes_(max_bytes),
      topic_(participant, topic, type),
      entity_(create(participant, qos), "writer of '" + topic + "'") {}

dds_entity_t RawWriter::create(dds_entity_t participant, const dds_qos_t* qos) {
  const Listener listener(dds_create_listener(this));
  dds_lset_publication_matched(listener.get(), [](dds_entity_t, dds_publication_matched_status_t, void* self) {
    tell(static_cast<RawWriter*>(self)->events_.matched);
  });
  dds_lset_offered_deadline_missed(listener.get(), [](dds_entity_t, dds_offered_deadline_missed_status_t, void* self) {
    tell(static_cast<RawWriter*>(self)->events_.deadline);
  });
  return dds_create_writer(participant, topic_.entity(), qos, listener.get());
}

Expected<void, bus::SendError> RawWriter::write(bus::Bytes message, bus::Bytes inserted) {
  if (message.size() > max_bytes_ || message.size() + inserted.size() > kMaxMessageBytes) {
    return Unexpected(bus::SendError::kTooLarge);
  }
  SampleRef sample = topic_.make_sample(message, inserted);
  // Cyclone DDS takes the reference over.
  auto* const data = const_cast<ddsi_serdata*>(&sample.release()->base);
  switch (dds_writecdr(entity_.get(), data)) {
    case DDS_RETCODE_OK:
      return {};
    case DDS_RETCODE_TIMEOUT:
      return Unexpected(bus::SendError::kWouldBlock);
    case DDS_RETCODE_ERROR:  // above Internal/MaxSampleSize of its configuration: nothing else is left
      return Unexpected(bus::SendError::kTooLarge);
    default:
      return Unexpected(bus::SendError::kClosed);
  }
}

bus::Matched RawWriter::matched() const {
  dds_publication_matched_status_t status{};
  (void)dds_get_publication_matched_status(entity_.get(), &status);
  return {.current = status.current_count, .total = status.total_count};
}

Guid RawWriter::guid() const {
  return guid_of(entity_.get());
}

}  // namespace takt::dds
