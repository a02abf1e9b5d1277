#include "folders.hpp"

#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "takt/core/error.hpp"

namespace takt::bench {
namespace {

constexpr long kXfs = 0x58465342;  // not in linux/magic.h

std::string file_system_of(const std::filesystem::path& folder) {
  struct statfs status{};
  if (statfs(folder.c_str(), &status) != 0) {
    return {};
  }
  switch (status.f_type) {
    case TMPFS_MAGIC:
      return "tmpfs";
    case EXT4_SUPER_MAGIC:
      return "ext4";
    case BTRFS_SUPER_MAGIC:
      return "btrfs";
    case OVERLAYFS_SUPER_MAGIC:
      return "overlayfs";
    case kXfs:
      return "xfs";
    default:
      return fmt::format("file system {:x}", status.f_type);
  }
}

}  // namespace

BenchFolder::BenchFolder(const std::filesystem::path& parent) {
  std::string name = (parent / "takt_bench_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw SystemError("cannot make a folder in " + parent.string(), errno);
  }
  path_ = name;
}

BenchFolder::~BenchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<Place> places() {
  std::vector<Place> found;
  if (file_system_of("/dev/shm") == "tmpfs") {
    found.push_back({"tmpfs", "/dev/shm"});
  }
  const std::filesystem::path here = std::filesystem::current_path();
  found.push_back({file_system_of(here), here});
  return found;
}

}  // namespace takt::bench
