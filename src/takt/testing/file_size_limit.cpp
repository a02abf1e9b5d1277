#include "takt/testing/file_size_limit.hpp"

#include <csignal>

namespace takt::testing {

FileSizeLimit::FileSizeLimit(std::uint64_t bytes) noexcept : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
  getrlimit(RLIMIT_FSIZE, &before_);
  const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
  setrlimit(RLIMIT_FSIZE, &limit);
}

FileSizeLimit::~FileSizeLimit() {
  setrlimit(RLIMIT_FSIZE, &before_);
  std::signal(SIGXFSZ, signal_);
}

}  // namespace takt::testing
