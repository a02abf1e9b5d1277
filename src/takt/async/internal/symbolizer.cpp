#include "takt/async/internal/symbolizer.hpp"

#include <cstdlib>
#include <cstring>
#include <memory>

#include <cxxabi.h>
#include <dlfcn.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace takt::async {
namespace {

/// A mapped file by its path; the kernel's own page by libdwfl's way. Not libdwfl's way for files, which may ask a
/// debuginfod server over the network.
int find_file(Dwfl_Module* module, void** user_data, const char* name, Dwarf_Addr base, char** file_name, Elf** elf) {
  if (name[0] != '/') {
    return dwfl_linux_proc_find_elf(module, user_data, name, base, file_name, elf);
  }
  const int descriptor = open(name, O_RDONLY | O_CLOEXEC);
  if (descriptor >= 0) {
    *file_name = strdup(name);
  }
  return descriptor;
}

/// Debug information in files of its own is taken where a package has installed it, found by build id.
constexpr Dwfl_Callbacks kCallbacks{.find_elf = find_file,
                                    .find_debuginfo = dwfl_build_id_find_debuginfo,
                                    .section_address = nullptr,
                                    .debuginfo_path = nullptr};

std::string demangle(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(name, nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 ? std::string(text.get()) : std::string(name);
}

/// What the dynamic linker knows: exported functions only.
void fill_from_linker(StackFrame& frame) {
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(frame.address), &info) == 0) {
    return;
  }
  if (frame.module.empty() && info.dli_fname != nullptr) {
    frame.module = info.dli_fname;
    frame.offset = frame.address - reinterpret_cast<std::uintptr_t>(info.dli_fbase);
  }
  if (info.dli_sname != nullptr) {
    frame.function = shorten_function(demangle(info.dli_sname));
  }
}

/// Cuts `text` where `tail` begins.
void cut_from(std::string& text, std::string_view tail) {
  if (const auto at = text.find(tail); at != std::string::npos && at > 0) {
    text.resize(at);
  }
}

/// The compilation unit that holds an address. clang writes no table of them (.debug_aranges), so they may have to be
/// asked one by one; libdw keeps what it has read of each.
Dwarf_Die* unit_at(Dwfl_Module* module, std::uintptr_t lookup, Dwarf_Addr& bias) {
  if (Dwarf_Die* unit = dwfl_module_addrdie(module, lookup, &bias); unit != nullptr) {
    return unit;
  }
  Dwarf_Die* unit = nullptr;
  while ((unit = dwfl_module_nextcu(module, unit, &bias)) != nullptr) {
    if (dwarf_haspc(unit, lookup - bias) == 1) {
      return unit;
    }
  }
  return nullptr;
}

void fill_line(Dwfl_Module* module, StackFrame& frame, std::uintptr_t lookup) {
  Dwarf_Addr bias = 0;
  Dwarf_Die* unit = unit_at(module, lookup, bias);
  Dwarf_Line* line = unit == nullptr ? nullptr : dwarf_getsrc_die(unit, lookup - bias);
  if (line == nullptr) {
    return;
  }
  if (const char* file = dwarf_linesrc(line, nullptr, nullptr); file != nullptr) {
    frame.file = file;
    dwarf_lineno(line, &frame.line);
  }
}

}  // namespace

struct Symbolizer::Modules {
  struct End {
    void operator()(Dwfl* ended) const { dwfl_end(ended); }
  };
  std::unique_ptr<Dwfl, End> session{dwfl_begin(&kCallbacks)};

  Modules() { report(); }

  /// Reads which files are mapped where, again after a dlopen.
  void report() const {
    if (session) {
      dwfl_report_begin_add(session.get());
      dwfl_linux_proc_report(session.get(), getpid());
      dwfl_report_end(session.get(), nullptr, nullptr);
    }
  }

  [[nodiscard]] Dwfl_Module* module_at(std::uintptr_t address) const {
    if (!session) {
      return nullptr;
    }
    Dwfl_Module* module = dwfl_addrmodule(session.get(), address);
    if (module == nullptr) {
      report();
      module = dwfl_addrmodule(session.get(), address);
    }
    return module;
  }

  /// @param lookup  an address inside the instruction that is meant.
  void fill(StackFrame& frame, std::uintptr_t lookup) const {
    Dwfl_Module* module = module_at(lookup);
    if (module == nullptr) {
      return;
    }
    Dwarf_Addr start = 0;
    frame.module = dwfl_module_info(module, nullptr, &start, nullptr, nullptr, nullptr, nullptr, nullptr);
    frame.offset = frame.address - start;
    if (const char* name = dwfl_module_addrname(module, lookup); name != nullptr) {
      frame.function = shorten_function(demangle(name));
    }
    fill_line(module, frame, lookup);
  }
};

Symbolizer::Symbolizer() : modules_(std::make_unique<Modules>()) {}

Symbolizer::~Symbolizer() = default;

StackFrame Symbolizer::frame_at(std::uintptr_t address) {
  StackFrame frame;
  frame.address = address;
  modules_->fill(frame, address);
  if (frame.function.empty()) {
    fill_from_linker(frame);
  }
  return frame;
}

std::vector<StackFrame> Symbolizer::stack(std::span<const std::uintptr_t> addresses) {
  std::vector<StackFrame> frames;
  frames.reserve(addresses.size());
  for (const std::uintptr_t address : addresses) {
    const bool interrupted = frames.empty();
    frames.push_back(frame_at(interrupted || address == 0 ? address : address - 1));
  }
  return frames;
}

std::string StackFrame::text() const {
  const std::string place = module.empty() ? std::string() : fmt::format(" in {}", module);
  if (function.empty()) {
    return module.empty() ? fmt::format("{:#x}", address) : fmt::format("{:#x}{}+{:#x}", address, place, offset);
  }
  return file.empty() ? function + place : fmt::format("{} at {}:{}", function, file, line);
}

std::string shorten_function(std::string_view demangled) {
  // GCC's pieces of a coroutine: "plan(plan(int)::_Z4plani.Frame*) [clone .actor]".
  if (const auto end = demangled.find(".Frame*)"); end != std::string_view::npos) {
    const auto separator = demangled.find_last_of(":(", end);
    return demangle(std::string(demangled.substr(separator + 1, end - separator - 1)).c_str());
  }
  std::string text(demangled);
  cut_from(text, " [clone ");  // libstdc++'s words
  cut_from(text, " (.");       // libc++'s
  return text;
}

}  // namespace takt::async
