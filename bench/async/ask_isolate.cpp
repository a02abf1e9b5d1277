// What does a call into another process cost?

#include "isolated_peer.hpp"
#include "questions.hpp"

namespace takt::bench {
namespace {

constexpr int kCalls = 2000;
constexpr std::size_t kSmall = 64;
constexpr std::size_t kLarge = 65'536;

}  // namespace

void ask_isolate(Result& result, FutexPeer& child) {
  const auto takt_small = [] { return isolated_round_trips(kCalls, kSmall); };
  const auto takt_large = [] { return isolated_round_trips(kCalls, kLarge); };
  const auto small = [&] { return child.round_trips(kCalls, kSmall, kSmall); };
  const auto large_request = [&] { return child.round_trips(kCalls, kLarge, kSmall); };
  const auto large_both = [&] { return child.round_trips(kCalls, kLarge, kLarge); };
  static_cast<void>(alternate(1, takt_small, small, takt_large, large_request, large_both));  // warm
  const auto [of_takt_small, of_small, of_takt_large, of_large_request, of_large_both] =
      alternate(kSlices, takt_small, small, takt_large, large_request, large_both);
  add_compared(result, "call of an isolated object, 64 B to it and back", "shared-memory futex and memcpy",
               of_takt_small, of_small, {.p50 = "<= 2 × baseline"});
  add_compared(result, "call of an isolated object, 64 KiB to it, 64 B back", "shared-memory futex and memcpy",
               of_takt_large, of_large_request, {.p50 = "<= 2 × baseline"});
  add_alone(result, "shared-memory futex: 64 KiB to a process and back", of_large_both);
}

}  // namespace takt::bench
