#include "takt/trajectory/mcap/internal/compression.hpp"

#include <algorithm>
#include <new>

#include <lz4frame.h>
#include <zstd.h>
#include <zstd_errors.h>

namespace takt::trajectory::mcap::internal {
namespace {

constexpr int kZstdLevel = 1;  // the recorder has to keep up; level 3 takes twice as long for a few percent

struct FreeZstd {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};
struct FreeLz4 {
  void operator()(LZ4F_dctx* context) const noexcept { LZ4F_freeDecompressionContext(context); }
};

template <class T>
T* not_null(T* made) {
  if (made == nullptr) {
    throw std::bad_alloc();
  }
  return made;
}

LZ4F_dctx* new_lz4() {
  LZ4F_dctx* made = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION)) != 0) {
    throw std::bad_alloc();
  }
  return not_null(made);
}

LZ4F_preferences_t lz4_preferences(std::size_t size) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.contentSize = size;
  preferences.frameInfo.blockSizeID = LZ4F_max4MB;
  return preferences;
}

// How a try ended.
enum class Tried : std::uint8_t { kDone, kFull, kBroken };

Tried try_zstd(ZSTD_DCtx& context, ByteView bytes, std::span<std::byte> room, std::size_t& made) {
  made = ZSTD_decompressDCtx(&context, room.data(), room.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(made) == 0) {
    return Tried::kDone;
  }
  return ZSTD_getErrorCode(made) == ZSTD_error_dstSize_tooSmall ? Tried::kFull : Tried::kBroken;
}

Tried try_lz4(LZ4F_dctx& context, ByteView bytes, std::span<std::byte> room, std::size_t& made) {
  LZ4F_resetDecompressionContext(&context);
  LZ4F_decompressOptions_t options{};
  options.stableDst = 1;  // what is in the room stays there
  made = 0;
  std::size_t hint = 1;
  while (hint != 0) {
    std::size_t out = room.size() - made;
    std::size_t in = bytes.size();
    hint = LZ4F_decompress(&context, room.data() + made, &out, bytes.data(), &in, &options);
    if (LZ4F_isError(hint) != 0) {
      return Tried::kBroken;
    }
    made += out;
    bytes = bytes.subspan(in);
    if (hint != 0 && in == 0 && out == 0) {
      return made == room.size() && !room.empty() ? Tried::kFull : Tried::kBroken;
    }
  }
  return bytes.empty() ? Tried::kDone : Tried::kBroken;
}

}  // namespace

struct Compressor::Contexts {
  std::unique_ptr<ZSTD_CCtx, FreeZstd> zstd{};
};

Compressor::Compressor(Compression compression) : compression_(compression), contexts_(std::make_unique<Contexts>()) {
  if (compression_ == Compression::kZstd) {
    contexts_->zstd.reset(not_null(ZSTD_createCCtx()));
  }
}

Compressor::~Compressor() = default;

ByteView Compressor::compress(ByteView bytes) {
  if (compression_ == Compression::kNone || bytes.empty()) {
    return {};
  }
  const bool zstd = compression_ == Compression::kZstd;
  const LZ4F_preferences_t lz4 = lz4_preferences(bytes.size());
  const std::size_t bound = zstd ? ZSTD_compressBound(bytes.size()) : LZ4F_compressFrameBound(bytes.size(), &lz4);
  if (room_.size < bound) {
    room_ = Buffer::of(bound);
  }
  const std::size_t made = zstd ? ZSTD_compressCCtx(contexts_->zstd.get(), room_.bytes.get(), room_.size, bytes.data(),
                                                    bytes.size(), kZstdLevel)
                                : LZ4F_compressFrame(room_.bytes.get(), room_.size, bytes.data(), bytes.size(), &lz4);
  const bool failed = zstd ? ZSTD_isError(made) != 0 : LZ4F_isError(made) != 0;
  return failed || made >= bytes.size() ? ByteView{} : room_.view().first(made);
}

struct Decompressor::Contexts {
  std::unique_ptr<ZSTD_DCtx, FreeZstd> zstd{not_null(ZSTD_createDCtx())};
  std::unique_ptr<LZ4F_dctx, FreeLz4> lz4{new_lz4()};
};

Decompressor::Decompressor() : contexts_(std::make_unique<Contexts>()) {}

Decompressor::~Decompressor() = default;

Expected<Buffer, std::string> Decompressor::decompress(Compression compression, ByteView bytes, std::uint64_t size) {
  constexpr std::uint64_t kSmall = std::uint64_t{1} << 20U;
  constexpr std::uint64_t kUsualRatio = 64;
  constexpr std::uint64_t kGrowth = 8;
  std::uint64_t guess = std::min(size, std::max(kSmall, bytes.size() * kUsualRatio));
  while (true) {
    Buffer room = Buffer::of(guess);
    std::size_t made = 0;
    const Tried tried = compression == Compression::kZstd ? try_zstd(*contexts_->zstd, bytes, room.span(), made)
                                                          : try_lz4(*contexts_->lz4, bytes, room.span(), made);
    if (tried == Tried::kDone && made == size) {
      return room;
    }
    if (tried != Tried::kFull || guess == size) {
      return Unexpected<std::string>(tried == Tried::kBroken
                                         ? std::string("its ") + to_text(compression) + " data are damaged"
                                         : "it does not have the size that it says");
    }
    guess = std::min(size, guess * kGrowth);
  }
}

}  // namespace takt::trajectory::mcap::internal
