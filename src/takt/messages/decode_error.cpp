#include "takt/messages/decode_error.hpp"

namespace takt::messages {

DecodeError under(std::string_view parent, DecodeError error) {
  const bool joined = error.path.empty() || error.path.front() == '[';
  error.path = std::string(parent) + (joined ? "" : ".") + error.path;
  return error;
}

std::string index_path(std::size_t index) {
  return "[" + std::to_string(index) + "]";
}

}  // namespace takt::messages
