#include "takt/teleop/trace_file.hpp"

#include <cerrno>
#include <cstdint>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/core/thread_names.hpp"
#include "takt/messages/enum_name.hpp"
#include "takt/messages/json.hpp"

namespace takt::teleop {
namespace {

/// Nanoseconds as microseconds with three decimals. In integers: a double loses the last digit after 104 days of
/// uptime.
std::string microseconds(core::Nanoseconds ns) {
  const auto magnitude = ns < 0 ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
  return fmt::format("{}{}.{:03}", ns < 0 ? "-" : "", magnitude / 1000, magnitude % 1000);
}

}  // namespace

TraceFile::TraceFile(const std::filesystem::path& path) : path_(path), out_(path) {
  if (!out_) {
    throw SystemError("cannot write the trace file " + path.string(), errno);
  }
  out_ << "[\n";
}

TraceFile::~TraceFile() {
  out_ << "\n]\n";
}

void TraceFile::write(const std::string& robot, const std::vector<TracedCommand>& commands) {
  const std::string category = messages::to_json(std::string_view(robot));
  for (const TracedCommand& command : commands) {
    for (std::size_t i = 1; i < command.hops.size(); ++i) {
      const messages::Hop& from = command.hops[i - 1];
      const messages::Hop& to = command.hops[i];
      name_thread(to.thread);
      write_event(fmt::format(
          R"({{"ph":"X","name":"{}","cat":{},"pid":1,"tid":{},"ts":{},"dur":{},"args":{{"trace_id":"{:016x}"}}}})",
          messages::enum_name(to.point).view(), category, to.thread, microseconds(from.stamp_ns),
          microseconds(to.stamp_ns - from.stamp_ns), command.trace_id));
    }
  }
  out_.flush();
  if (!out_) {
    throw SystemError("cannot write the trace file " + path_.string(), errno);
  }
}

void TraceFile::write_event(const std::string& text) {
  out_ << (first_ ? "" : ",\n") << text;
  first_ = false;
}

void TraceFile::name_thread(std::uint32_t thread) {
  if (named_threads_.insert(thread).second) {
    write_event(fmt::format(R"({{"ph":"M","name":"thread_name","pid":1,"tid":{},"args":{{"name":{}}}}})", thread,
                            messages::to_json(std::string_view(core::thread_name(thread)))));
  }
}

}  // namespace takt::teleop
