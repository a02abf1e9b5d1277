#include "takt/transports/dds/internal/qos.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace takt::dds {
namespace {

/// What a late joiner gets at most from a publisher that keeps all; ROS 2 lets it grow without end.
constexpr std::int32_t kMaxRetained = 10'000;

std::int32_t depth_of(const bus::Qos& qos) {
  return static_cast<std::int32_t>(
      std::min<std::uint32_t>(qos.depth, static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max())));
}

QosHandle common_qos(const bus::Qos& qos, std::string_view user_data) {
  QosHandle result(dds_create_qos());
  dds_qos_t* const q = result.get();
  const bool reliable = qos.reliability == bus::Reliability::kReliable;
  dds_qset_reliability(q, reliable ? DDS_RELIABILITY_RELIABLE : DDS_RELIABILITY_BEST_EFFORT, 0);  // never waits
  dds_qset_durability(
      q, qos.durability == bus::Durability::kTransientLocal ? DDS_DURABILITY_TRANSIENT_LOCAL : DDS_DURABILITY_VOLATILE);
  dds_qset_history(q, qos.depth == 0 ? DDS_HISTORY_KEEP_ALL : DDS_HISTORY_KEEP_LAST,
                   qos.depth == 0 ? 1 : depth_of(qos));
  if (qos.deadline_ns) {
    dds_qset_deadline(q, *qos.deadline_ns);
  }
  dds_qset_ignorelocal(q, DDS_IGNORELOCAL_PARTICIPANT);  // in one process the Bus hands over references
  const dds_data_representation_id_t xcdr1 = DDS_DATA_REPRESENTATION_XCDR1;
  dds_qset_data_representation(q, 1, &xcdr1);
  if (!user_data.empty()) {
    dds_qset_userdata(q, user_data.data(), user_data.size());
  }
  return result;
}

std::string_view name_of(bus::Reliability reliability) {
  return reliability == bus::Reliability::kReliable ? "reliable" : "best effort";
}

std::string_view name_of(bus::Durability durability) {
  return durability == bus::Durability::kTransientLocal ? "transient local" : "volatile";
}

std::string deadline_text(const std::optional<core::Nanoseconds>& deadline) {
  return deadline ? fmt::format("a deadline of {} ms", static_cast<double>(*deadline) * 1e-6) : "no deadline";
}

std::string differing(std::string_view requested, std::string_view offered) {
  return fmt::format("{} is asked for, {} is offered", requested, offered);
}

}  // namespace

QosHandle writer_qos(const bus::Qos& qos, std::string_view user_data) {
  QosHandle result = common_qos(qos, user_data);
  dds_qos_t* const q = result.get();
  dds_qset_writer_data_lifecycle(q, false);
  if (qos.lifespan_ns) {
    dds_qset_lifespan(q, *qos.lifespan_ns);
  }
  if (qos.durability == bus::Durability::kTransientLocal) {
    dds_qset_durability_service(q, 0, DDS_HISTORY_KEEP_LAST, qos.depth == 0 ? kMaxRetained : depth_of(qos),
                                DDS_LENGTH_UNLIMITED, DDS_LENGTH_UNLIMITED, DDS_LENGTH_UNLIMITED);
  }
  return result;
}

QosHandle reader_qos(const bus::Qos& qos, std::string_view user_data, std::uint32_t keep_all_samples) {
  QosHandle result = common_qos(qos, user_data);
  if (qos.depth == 0) {
    const auto most = static_cast<std::int32_t>(keep_all_samples);
    dds_qset_resource_limits(result.get(), most, DDS_LENGTH_UNLIMITED, most);
  }
  return result;
}

bus::Qos announced_qos(const dds_qos_t* qos) {
  bus::Qos result;
  dds_reliability_kind_t reliability = DDS_RELIABILITY_RELIABLE;
  dds_duration_t duration = 0;
  if (dds_qget_reliability(qos, &reliability, &duration)) {
    result.reliability =
        reliability == DDS_RELIABILITY_RELIABLE ? bus::Reliability::kReliable : bus::Reliability::kBestEffort;
  }
  dds_durability_kind_t durability = DDS_DURABILITY_VOLATILE;
  if (dds_qget_durability(qos, &durability)) {
    result.durability =
        durability == DDS_DURABILITY_VOLATILE ? bus::Durability::kVolatile : bus::Durability::kTransientLocal;
  }
  dds_history_kind_t history = DDS_HISTORY_KEEP_LAST;
  std::int32_t depth = 0;
  if (dds_qget_history(qos, &history, &depth)) {
    result.depth = history == DDS_HISTORY_KEEP_ALL ? 0 : static_cast<std::uint32_t>(depth);
  }
  if (dds_qget_deadline(qos, &duration) && duration != DDS_INFINITY) {
    result.deadline_ns = duration;
  }
  if (dds_qget_lifespan(qos, &duration) && duration != DDS_INFINITY) {
    result.lifespan_ns = duration;
  }
  return result;
}

std::string announced_user_data(const dds_qos_t* qos) {
  void* data = nullptr;
  std::size_t size = 0;
  if (!dds_qget_userdata(qos, &data, &size) || data == nullptr) {
    return {};
  }
  std::string text(static_cast<const char*>(data), size);
  dds_free(data);
  return text;
}

std::string qos_mismatch(const bus::Qos& offered, const bus::Qos& requested) {
  if (offered.reliability < requested.reliability) {
    return differing(name_of(requested.reliability), name_of(offered.reliability));
  }
  if (offered.durability < requested.durability) {
    return differing(name_of(requested.durability), name_of(offered.durability));
  }
  constexpr core::Nanoseconds kNever = std::numeric_limits<core::Nanoseconds>::max();
  if (offered.deadline_ns.value_or(kNever) > requested.deadline_ns.value_or(kNever)) {
    return differing(deadline_text(requested.deadline_ns), deadline_text(offered.deadline_ns));
  }
  return {};
}

}  // namespace takt::dds
