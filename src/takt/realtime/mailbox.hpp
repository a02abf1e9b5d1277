#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace takt::realtime {

/// The newest value of something that many store, threads or processes, and one loads. Nobody waits for anybody: a
/// writer that is stopped or killed in the middle of a store harms neither the others nor the reader. That is what it
/// has over Latest, which has one writer, breaks when that one dies, and is smaller and much faster.
///
/// Stores are ordered by the tickets they draw when they begin; the newest complete one wins. Memory of zeros is an
/// empty mailbox, so it may lie in a fresh shared mapping, at different addresses in different processes.
///
/// How it works. A store draws a ticket and writes into slot `ticket % kSlots`. Each 64-bit word of a slot is 32 bits
/// of the value and the low 32 bits of the ticket that wrote it. When all words are written, `newest_` is raised to the
/// ticket. Why nothing goes wrong:
///  * A value is never torn: the reader takes the words of ticket n only if every one carries n. That alone proves that
///    they are of one store; no order of loads matters.
///  * A writer that was stopped and goes on cannot spoil what came after it. A writer first raises its slot's `owner`
///    to its ticket, and replaces a word only by a compare-exchange from what it saw there before it found itself
///    still the owner. A later writer's word is visible only with that writer's ownership, so the older one sees
///    either and gives up.
///  * A writer that died leaves a slot half written: the next ticket of that slot writes over it.
///  * The newest value stays until there is a newer one: no writer takes the slot that holds it. It is lost only when
///    eight stores are unfinished at once (dead ones count until a later store completes), the last of them took that
///    slot just before it became the newest, and then dies; the reader sees nothing new then, never something wrong.
/// Tickets would have to come round, 2^32 stores, while one side stands between two instructions, to break this.
///
/// Costs a compare-exchange per 4 bytes to store (1 KiB: about 1.2 us to store, 0.1 us to load) and 16 bytes of memory
/// per byte of T.
template <class T>
class Mailbox {
  static_assert(std::is_trivially_copyable_v<T>, "Mailbox copies bytes; keep T trivially copyable");
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

 public:
  static constexpr std::size_t kSlots = 8;

  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  /// Stores the first `bytes` of a value, for content that is shorter than its room. Any thread of any process.
  /// Real-time safe, lock-free: a step is repeated only when another store got ahead in it.
  /// @return false when a newer value was there before this one was complete; it is then dropped, as one that came
  /// late.
  bool store(const T& value, std::size_t bytes = sizeof(T)) noexcept {
    return write(value, bytes, [] {});
  }

  /// Copies what was stored last over the beginning of `value`, when it is newer than `seen`, and sets `seen` to its
  /// version. Bytes that the store left out stay as they are. False, and nothing touched, when nothing is newer. The
  /// reader is whoever keeps `seen`, 0 at first. Real-time safe, wait-free, whatever the writers do.
  [[nodiscard]] bool try_load(T& value, std::uint64_t& seen) const noexcept {
    return load_newest(value, seen, [] {});
  }

  /// Grows with every newest value; 0 before the first. As `seen` it skips all that was stored until now.
  [[nodiscard]] std::uint64_t version() const noexcept { return newest_.load(std::memory_order_acquire); }

 private:
  friend struct MailboxProbe;  // of the tests: comes between two words of a store or a load

  static constexpr std::size_t kPieceBytes = sizeof(std::uint32_t);
  static constexpr std::size_t kPieces = (sizeof(T) + kPieceBytes - 1) / kPieceBytes;
  static_assert(kPieces < (1U << 30), "a size must fit 32 bits");

  struct Slot {
    alignas(64) std::atomic<std::uint64_t> owner{0};  // the newest ticket that came here
    std::atomic<std::uint64_t> size{0};               // a word as the others: bytes of the value, and the ticket
    std::array<std::atomic<std::uint64_t>, kPieces> words{};
  };

  template <class Between>
  bool write(const T& value, std::size_t bytes, Between between) noexcept {
    const std::size_t size = std::min(bytes, sizeof(T));
    const std::uint64_t ticket = draw_ticket();
    Slot& slot = slots_[ticket % kSlots];
    between();
    if (!raise(slot.owner, ticket, std::memory_order_relaxed)) {
      return false;
    }
    between();
    if (!put(slot, slot.size, ticket, static_cast<std::uint32_t>(size))) {
      return false;
    }
    const auto* content = reinterpret_cast<const unsigned char*>(&value);
    for (std::size_t at = 0; at < size; at += kPieceBytes) {
      std::uint32_t piece = 0;
      std::memcpy(&piece, content + at, std::min(kPieceBytes, size - at));
      between();
      if (!put(slot, slot.words[at / kPieceBytes], ticket, piece)) {
        return false;
      }
    }
    between();
    return raise(newest_, ticket, std::memory_order_release);
  }

  template <class Between>
  bool load_newest(T& value, std::uint64_t& seen, Between between) const noexcept {
    for (std::size_t attempt = 0; attempt < kSlots; ++attempt) {
      const std::uint64_t newest = version();
      if (newest <= seen) {
        return false;
      }
      if (read(slots_[newest % kSlots], static_cast<std::uint32_t>(newest), value, between)) {
        seen = newest;
        return true;
      }
    }
    return false;
  }

  /// The next ticket whose slot does not hold the newest value.
  std::uint64_t draw_ticket() noexcept {
    std::uint64_t ticket = 0;
    do {
      ticket = tickets_.fetch_add(1, std::memory_order_relaxed) + 1;
    } while ((ticket - newest_.load(std::memory_order_relaxed)) % kSlots == 0);
    return ticket;
  }

  /// Puts `ticket` where a smaller one is; false when there is none.
  static bool raise(std::atomic<std::uint64_t>& highest, std::uint64_t ticket, std::memory_order order) noexcept {
    std::uint64_t there = highest.load(std::memory_order_relaxed);
    while (there < ticket) {
      if (highest.compare_exchange_weak(there, ticket, order, std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  /// Writes one word; false when the slot has a later owner.
  static bool put(const Slot& slot, std::atomic<std::uint64_t>& word, std::uint64_t ticket,
                  std::uint32_t piece) noexcept {
    const std::uint64_t mine = (ticket << 32) | piece;
    // Acquire here and release below: who sees a later owner's word also sees that owner, and leaves the word alone.
    std::uint64_t there = word.load(std::memory_order_acquire);
    while (slot.owner.load(std::memory_order_relaxed) == ticket) {
      if (word.compare_exchange_weak(there, mine, std::memory_order_release, std::memory_order_acquire)) {
        return true;
      }
    }
    return false;
  }

  template <class Between>
  static bool read(const Slot& slot, std::uint32_t tag, T& value, Between& between) noexcept {
    const std::uint64_t size_word = slot.size.load(std::memory_order_relaxed);
    const auto size = static_cast<std::uint32_t>(size_word);
    if (size_word >> 32 != tag || size > sizeof(T)) {  // too long: written by somebody who is no Mailbox<T>
      return false;
    }
    std::array<std::uint32_t, kPieces> pieces;  // left uninitialised: copied only as far as it is read
    for (std::size_t i = 0; i < (size + kPieceBytes - 1) / kPieceBytes; ++i) {
      between();
      const std::uint64_t word = slot.words[i].load(std::memory_order_relaxed);
      if (word >> 32 != tag) {
        return false;
      }
      pieces[i] = static_cast<std::uint32_t>(word);
    }
    std::memcpy(static_cast<void*>(&value), pieces.data(), size);
    return true;
  }

  alignas(64) std::atomic<std::uint64_t> tickets_{0};
  alignas(64) std::atomic<std::uint64_t> newest_{0};
  std::array<Slot, kSlots> slots_{};
};

}  // namespace takt::realtime
