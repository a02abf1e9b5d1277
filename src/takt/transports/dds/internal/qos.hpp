#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <dds/dds.h>

#include "takt/bus/qos.hpp"

/// Quality of service as DDS has it, in the way of rmw_cyclonedds, with one difference: a writer never blocks.
namespace takt::dds {

struct DeleteQos {
  void operator()(dds_qos_t* qos) const noexcept { dds_delete_qos(qos); }
};
using QosHandle = std::unique_ptr<dds_qos_t, DeleteQos>;

/// @param user_data  What the endpoint tells about itself; see user_data.hpp.
[[nodiscard]] QosHandle writer_qos(const bus::Qos& qos, std::string_view user_data);

/// @param keep_all_samples  What a reader holds whose depth is 0.
[[nodiscard]] QosHandle reader_qos(const bus::Qos& qos, std::string_view user_data, std::uint32_t keep_all_samples);

/// What an endpoint has announced. What it did not say is as in bus::Qos{}; the depth does not travel.
[[nodiscard]] bus::Qos announced_qos(const dds_qos_t* qos);

/// The USER_DATA of an endpoint or participant; empty when it has none.
[[nodiscard]] std::string announced_user_data(const dds_qos_t* qos);

/// Why who offers `offered` and who asks for `requested` do not match, "reliable is asked for, best effort is offered";
/// empty when they do.
[[nodiscard]] std::string qos_mismatch(const bus::Qos& offered, const bus::Qos& requested);

}  // namespace takt::dds
