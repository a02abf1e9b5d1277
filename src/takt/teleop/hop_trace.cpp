#include "takt/teleop/hop_trace.hpp"

#include "takt/messages/enum_name.hpp"

namespace takt::teleop {
namespace {

HopRow row_of(std::string name, const core::LatencyHistogram& histogram, std::uint32_t thread) {
  const core::LatencySummary summary = histogram.summary();
  return {.name = std::move(name),
          .p50_us = summary.p50_us,
          .p99_us = summary.p99_us,
          .p999_us = summary.p999_us,
          .max_us = summary.max_us,
          .count = summary.count,
          .thread = thread};
}

}  // namespace

HopTrace::HopTrace(std::size_t keep) {
  if (keep > 0) {
    kept_ = std::make_unique<realtime::SpscRing<TracedCommand>>(keep);
  }
}

void HopTrace::record(const TracedCommand& command) noexcept {
  if (command.hops.empty()) {
    return;
  }
  for (std::size_t i = 0; i < command.hops.size(); ++i) {
    const messages::Hop& hop = command.hops[i];
    const auto point = static_cast<std::size_t>(hop.point);
    if (point >= kPoints) {
      continue;  // foreign: a newer process's hop
    }
    if (i > 0) {
      to_point_[point].record(hop.stamp_ns - command.hops[i - 1].stamp_ns);
    }
    thread_[point].store(hop.thread, std::memory_order_relaxed);
  }
  end_to_end_.record(command.hops.back().stamp_ns - command.hops[0].stamp_ns);
  if (kept_ != nullptr) {
    static_cast<void>(kept_->try_push(command));
  }
}

void HopTrace::clear() noexcept {
  for (core::LatencyHistogram& histogram : to_point_) {
    histogram.clear();
  }
  end_to_end_.clear();
}

std::vector<HopRow> HopTrace::rows() const {
  std::vector<HopRow> rows;
  for (std::size_t i = 0; i < kPoints; ++i) {
    if (to_point_[i].count() > 0) {
      const auto name = messages::enum_name(static_cast<messages::HopPoint>(i));
      rows.push_back(row_of(std::string(name.view()), to_point_[i], thread_[i].load(std::memory_order_relaxed)));
    }
  }
  return rows;
}

HopRow HopTrace::end_to_end() const {
  const auto last = static_cast<std::size_t>(messages::HopPoint::kApplied);
  return row_of("end_to_end", end_to_end_, thread_[last].load(std::memory_order_relaxed));
}

std::vector<TracedCommand> HopTrace::drain() {
  std::vector<TracedCommand> commands;
  TracedCommand command;
  while (kept_ != nullptr && kept_->try_pop(command)) {
    commands.push_back(command);
  }
  return commands;
}

std::uint64_t HopTrace::dropped() const noexcept {
  return kept_ == nullptr ? 0 : kept_->dropped();
}

}  // namespace takt::teleop
