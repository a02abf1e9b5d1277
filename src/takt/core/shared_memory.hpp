#pragma once

#include <cstddef>
#include <string>

namespace takt::core {

/// Memory that processes share: an anonymous file (memfd) whose size is sealed, so that no peer can cut it off under a
/// mapping (SIGBUS). There is no name to find, guess or leave behind: whoever is to map it is sent a descriptor, over a
/// Unix socket or by inheritance across fork. It is gone when the last descriptor and mapping are.
///
/// All pages are there after construction: an access meets no page fault as long as memory is not short, and none at
/// all when it is locked. A resource, movable. Set-up only, not real-time safe; what lies in it is the user's matter.
/// Put there only what is the same at any address: no pointers, no virtual functions, atomics that are always
/// lock-free.
class SharedMemory {
 public:
  enum class Access { kReadOnly, kReadWrite };
  enum class Locking { kPageable, kLocked };  ///< kLocked: mlock where it is permitted; see locked()

  /// New memory, all zero, mapped to read and write.
  /// @param name   for people: /proc/<pid>/maps shows it as memfd:<name>; at most 249 bytes.
  /// @throws LogicError for 0 bytes, SystemError when the system refuses.
  static SharedMemory create(const std::string& name, std::size_t bytes, Locking locking = Locking::kPageable);

  /// Maps what another process created. `descriptor` stays the caller's and may be closed afterwards.
  /// @throws SystemError with the values when it is not `bytes` long, not sealed against growing and shrinking, or not
  /// open for this access.
  static SharedMemory map(int descriptor, std::size_t bytes, Access access, Locking locking = Locking::kPageable);

  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&& other) noexcept;
  ~SharedMemory();

  /// Page aligned. Writing through a read-only mapping is a SIGSEGV.
  [[nodiscard]] void* data() noexcept { return data_; }
  [[nodiscard]] const void* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool locked() const noexcept { return locked_; }

  /// Of the creator: open to read and write, close-on-exec, owned by this object; −1 of a mapping made by map().
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  /// A descriptor through which the memory can be read only, close-on-exec; the caller closes it. The file's mode keeps
  /// an ordinary user from opening it anew for writing through /proc. Of the creator only.
  /// @throws LogicError on a mapping made by map(), SystemError.
  [[nodiscard]] int read_only_descriptor() const;

 private:
  SharedMemory(int descriptor, std::size_t bytes, Access access, Locking locking);

  void* data_{nullptr};
  std::size_t size_{0};
  int descriptor_{-1};
  bool locked_{false};
};

}  // namespace takt::core
