// What does a call into another process cost?

#include "questions.hpp"

namespace takt::bench {
namespace {

constexpr int kCalls = 2000;
constexpr std::size_t kSmall = 64;
constexpr std::size_t kLarge = 65'536;

}  // namespace

void ask_isolate(Result& result, FutexPeer& child) {
  const auto small = [&] { return child.round_trips(kCalls, kSmall, kSmall); };
  const auto large_request = [&] { return child.round_trips(kCalls, kLarge, kSmall); };
  const auto large_both = [&] { return child.round_trips(kCalls, kLarge, kLarge); };
  static_cast<void>(alternate(1, small, large_request, large_both));  // warm
  const auto [of_small, of_large_request, of_large_both] = alternate(kSlices, small, large_request, large_both);
  add_alone(result, "shared-memory futex: 64 B to a process and back", of_small);
  add_alone(result, "shared-memory futex: 64 KiB to a process, 64 B back", of_large_request);
  add_alone(result, "shared-memory futex: 64 KiB to a process and back", of_large_both);
}

}  // namespace takt::bench
