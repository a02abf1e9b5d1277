#include "disk_writer.hpp"

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::bench {
namespace {

constexpr std::size_t kPieceBytes = 640'000;
constexpr core::Nanoseconds kPeriod_ns = 10'000'000;
constexpr std::uint64_t kFileBytes = 256'000'000;

int nameless_file() {
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const int file = open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) {
    throw SystemError("cannot make a file in " + folder.string(), errno);
  }
  return file;
}

}  // namespace

DiskWriter::DiskWriter()
    : file_(nameless_file()),
      began_ns_(core::monotonic_now_ns()),
      thread_([this](const std::stop_token& stop) { write_for_ever(stop); }) {}

DiskWriter::~DiskWriter() {
  thread_.request_stop();
  thread_.join();
  close(file_);
}

double DiskWriter::rate_mb_s() const noexcept {
  return static_cast<double>(bytes_.load()) * 1e-6 / core::to_seconds(core::monotonic_now_ns() - began_ns_);
}

void DiskWriter::write_for_ever(const std::stop_token& stop) {
  const std::vector<char> piece(kPieceBytes, 't');
  core::Beat beat(began_ns_, kPeriod_ns);
  std::uint64_t at = 0;
  while (!stop.stop_requested()) {
    if (pwrite(file_, piece.data(), piece.size(), static_cast<off_t>(at)) != static_cast<ssize_t>(kPieceBytes)) {
      return;  // the rate will show it
    }
    at = (at + kPieceBytes) % kFileBytes;
    bytes_ += kPieceBytes;
    core::steady_clock().sleep_until_ns(beat.next_ns(core::monotonic_now_ns()));
  }
}

}  // namespace takt::bench
