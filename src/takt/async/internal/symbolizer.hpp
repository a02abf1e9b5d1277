#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace takt::async {

/// One line of a call stack. What is not known is empty or 0.
struct StackFrame {
  std::uintptr_t address{0};
  std::string function;      ///< as the user wrote it, with its parameters: see shorten_function()
  std::string file;          ///< source file as the compiler was given it; needs debug information
  int line{0};               ///< 1-based
  std::string module;        ///< path of the program or library
  std::uintptr_t offset{0};  ///< of the address in the module

  /// "plan(int) at planner.cpp:42", "plan(int) in /usr/bin/robot", or "0x7f12 in /lib/libx.so+0x12".
  [[nodiscard]] std::string text() const;
};

/// Names the addresses of this process: function names from the symbol tables (they are there in a release build, also
/// for static functions, unless it is stripped), files and lines where there is debug information. In this process: it
/// starts no program, because a fork stalls a real-time thread, and asks no network for debug information.
///
/// A resource; one thread at a time. Not real-time safe: the first address of a module reads its tables, which takes
/// from a millisecond to some 100 ms for a large program with debug information; later ones take microseconds.
class Symbolizer {
 public:
  Symbolizer();
  ~Symbolizer();
  Symbolizer(const Symbolizer&) = delete;
  Symbolizer& operator=(const Symbolizer&) = delete;

  /// The instruction at `address`. Any value will do: nothing is thrown for an unknown one.
  [[nodiscard]] StackFrame frame_at(std::uintptr_t address);

  /// A stack as StackSampler gives it: an instruction, then return addresses, each of which stands for the call before
  /// it.
  [[nodiscard]] std::vector<StackFrame> stack(std::span<const std::uintptr_t> addresses);

 private:
  struct Modules;
  std::unique_ptr<Modules> modules_;
};

/// The function that the user wrote, of a demangled name: without the suffixes of the pieces that compilers cut
/// functions and coroutines into ("[clone .resume]", "(.cold)", a coroutine's ".Frame*" parameter).
[[nodiscard]] std::string shorten_function(std::string_view demangled);

}  // namespace takt::async
