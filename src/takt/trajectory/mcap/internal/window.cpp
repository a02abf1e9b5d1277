#include "takt/trajectory/mcap/internal/window.hpp"

#include <algorithm>

namespace takt::trajectory::mcap::internal {
namespace {

constexpr std::uint64_t kWindow = 64 * 1024;

}  // namespace

ByteView Window::view(std::uint64_t offset, std::uint64_t size) {
  if (offset < offset_ || size > used_ || offset - offset_ > used_ - size) {
    const std::uint64_t wanted = std::min(std::max(size, kWindow), source_->size() - offset);
    if (buffer_.size < wanted) {
      buffer_ = Buffer::of(wanted);
    }
    used_ = 0;
    source_->read(offset, buffer_.span().first(wanted));
    offset_ = offset;
    used_ = wanted;
  }
  return buffer_.view().subspan(offset - offset_, size);
}

}  // namespace takt::trajectory::mcap::internal
