#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <dds/dds.h>
#include <dds/ddsi/ddsi_serdata.h>

#include "takt/bus/transport.hpp"
#include "takt/transports/dds/internal/entity.hpp"
#include "takt/transports/dds/internal/wire_headers.hpp"

/// Messages as Cyclone DDS carries them for us: one piece of memory that holds the bytes of the wire, with our own
/// operations on it (ddsi_serdata_ops). Cyclone DDS then needs to know nothing of any type, and nothing is announced of
/// it but its name, so that matching goes by name.
namespace takt::dds {

/// Bytes in one piece, counted by Cyclone DDS; they lie behind it in the same allocation.
struct Sample {
  ddsi_serdata base;  ///< first, as Cyclone DDS casts to it
  std::uint32_t size;
  core::Nanoseconds received_ns;  ///< CLOCK_MONOTONIC; 0 for what was made here
  DataHeader header;              ///< as it came over the wire; sequence 0 for what was made here

  [[nodiscard]] bus::Bytes bytes() const noexcept {
    return {reinterpret_cast<const std::byte*>(this + 1), size};  // NOLINT(performance-no-int-to-ptr)
  }
};

struct ReleaseSample {
  void operator()(const Sample* sample) const noexcept;
};
/// One reference.
using SampleRef = std::unique_ptr<const Sample, ReleaseSample>;

/// A topic of one participant, to read or to write. Topics of one name may differ in type.
class RawTopic {
 public:
  /// Names as on DDS. @throws SystemError when Cyclone DDS refuses.
  RawTopic(dds_entity_t participant, const std::string& name, const std::string& type);

  [[nodiscard]] dds_entity_t entity() const noexcept { return entity_.get(); }

  /// What is written there: `message`, with `inserted` after the first 4 bytes, its CDR header.
  /// @pre message.size() >= 4 (throws LogicError); together less than 4 GiB.
  [[nodiscard]] SampleRef make_sample(bus::Bytes message, bus::Bytes inserted = {}) const;

 private:
  [[nodiscard]] dds_entity_t create(dds_entity_t participant, const std::string& name, const std::string& type);

  const ddsi_sertype* type_{nullptr};  // lives as long as entity_
  Entity entity_;
};

}  // namespace takt::dds
