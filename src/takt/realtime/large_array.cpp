#include "takt/realtime/large_array.hpp"

#include <sys/mman.h>

namespace takt::realtime {

void advise_huge_pages(void* memory, std::size_t bytes) noexcept {
  static_cast<void>(madvise(memory, bytes, MADV_HUGEPAGE));
}

}  // namespace takt::realtime
