#include "takt/teleop/trace_file.hpp"

#include <cerrno>

#include <fmt/format.h>

#include "takt/core/error.hpp"
#include "takt/messages/enum_name.hpp"
#include "takt/messages/json.hpp"
#include "takt/realtime/thread_names.hpp"

namespace takt::teleop {

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
          R"({{"ph":"X","name":"{}","cat":{},"pid":1,"tid":{},"ts":{:.3f},"dur":{:.3f},"args":{{"trace_id":"{:016x}"}}}})",
          messages::enum_name(to.point).view(), category, to.thread, static_cast<double>(from.stamp_ns) * 1e-3,
          static_cast<double>(to.stamp_ns - from.stamp_ns) * 1e-3, command.trace_id));
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
                            messages::to_json(std::string_view(realtime::thread_name(thread)))));
  }
}

}  // namespace takt::teleop
