#pragma once

#include "child.hpp"

namespace takt::bench {

/// A child process that computes on every CPU that this one may use, at normal priority, while it is told to. A
/// resource.
class CpuBurner {
 public:
  /// Forks: before the process has a second thread.
  CpuBurner();

  /// Burns while it lives.
  class Burning {
   public:
    explicit Burning(CpuBurner& burner);
    ~Burning();
    Burning(const Burning&) = delete;
    Burning& operator=(const Burning&) = delete;

   private:
    CpuBurner& burner_;
  };

 private:
  Child child_;
};

}  // namespace takt::bench
