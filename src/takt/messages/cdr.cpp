#include "takt/messages/cdr.hpp"

namespace takt::messages {

DecodeError cdr_too_long() {
  return {.path = "", .what = "a sequence or text is longer than " + std::to_string(kMaxCdrCount)};
}

DecodeError cdr_no_room(std::size_t needed, std::size_t given) {
  return {.path = "", .what = "needs " + std::to_string(needed) + " bytes, given are " + std::to_string(given)};
}

}  // namespace takt::messages
