#pragma once

#include <utility>

#include <unistd.h>

namespace takt::core {

/// Owns one file descriptor and closes it. Movable; −1 stands for none.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) noexcept : number_(number) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }

  void reset() noexcept {
    if (number_ >= 0) {
      close(std::exchange(number_, -1));
    }
  }

  /// Gives the ownership away.
  [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

  [[nodiscard]] int get() const noexcept { return number_; }
  [[nodiscard]] explicit operator bool() const noexcept { return number_ >= 0; }

 private:
  int number_{-1};
};

}  // namespace takt::core
