#include "takt/async/internal/isolated_call.hpp"

namespace takt::async::internal {

std::span<const std::byte> value_bytes(const IsolatedProcess& process, const Reply& reply) {
  const std::string_view text(reinterpret_cast<const char*>(reply.bytes.data()), reply.bytes.size());
  switch (reply.kind) {
    case ReplyKind::kThrew: {
      const std::size_t end = text.find('\0');
      throw IsolatedError(process.options().name, std::string(text.substr(0, end)),
                          end == std::string_view::npos ? "" : std::string(text.substr(end + 1)));
    }
    case ReplyKind::kRefused:
      throw Error("isolate '" + process.options().name + "': " + std::string(text));
    case ReplyKind::kValue:
      break;
  }
  return reply.bytes;
}

}  // namespace takt::async::internal
