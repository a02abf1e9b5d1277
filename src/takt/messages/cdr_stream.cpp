#include "takt/messages/cdr_stream.hpp"

#include <utility>

namespace takt::messages {

bool CdrReader::fail_header(MaybeError& error, std::span<const std::byte> message) {
  if (message.size() < kCdrHeaderSize) {
    return fail(error,
                std::to_string(message.size()) + " bytes, the header alone has " + std::to_string(kCdrHeaderSize));
  }
  const auto representation = std::to_integer<unsigned>(message[0]) << 8U | std::to_integer<unsigned>(message[1]);
  return fail(error, "representation " + std::to_string(representation) + ", plain CDR is 0 or 1");
}

bool CdrReader::fail_end(MaybeError& error, std::size_t left) {
  return fail(error, std::to_string(left) + " bytes after the end");
}

bool CdrReader::fail(MaybeError& error, std::string what) {
  error = DecodeError{.path = "", .what = std::move(what)};
  return false;
}

bool CdrReader::fail_short(MaybeError& error, std::size_t size, std::size_t at, std::size_t wanted) {
  return fail(error, std::to_string(wanted) + " bytes from byte " + std::to_string(at) + " on, the body has " +
                         std::to_string(size));
}

bool CdrReader::fail_count(MaybeError& error, std::size_t count, std::size_t left) {
  return fail(error, "length " + std::to_string(count) + ", but only " + std::to_string(left) + " bytes are left");
}

bool CdrReader::failed_in(MaybeError& error, std::string_view name) {
  error = under(name, std::move(*error));
  return false;
}

}  // namespace takt::messages
