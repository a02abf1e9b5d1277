#pragma once

#include <cerrno>
#include <new>

#include <sys/mman.h>

#include "takt/core/error.hpp"

namespace takt::bench {

/// A T that this process and the children that it forks from now on have in common. A resource.
template <class T>
class SharedPage {
 public:
  SharedPage() {
    void* const page = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
      throw SystemError("cannot share a page with a child", errno);
    }
    shared_ = new (page) T;
  }
  ~SharedPage() { munmap(shared_, sizeof(T)); }
  SharedPage(const SharedPage&) = delete;
  SharedPage& operator=(const SharedPage&) = delete;

  [[nodiscard]] T* operator->() const noexcept { return shared_; }

 private:
  T* shared_;
};

}  // namespace takt::bench
