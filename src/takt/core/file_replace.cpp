#include "takt/core/file_replace.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "takt/core/error.hpp"
#include "takt/core/file_descriptor.hpp"
#include "takt/core/file_names.hpp"

namespace takt::core {
namespace {

constexpr mode_t kMode = 0666;

// By chance, not by process number: processes of two containers may share a folder and a number.
std::string random_word() {
  std::uint64_t number = 0;
  if (getrandom(&number, sizeof number, 0) != sizeof number) {
    throw SystemError("cannot get a random number", errno);
  }
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(number));
  return text.data();
}

std::string ending(std::string_view mark) {
  return (mark.empty() ? "" : "." + std::string(mark)) + ".part";
}

FileDescriptor open_or_throw(const std::filesystem::path& path, int flags) {
  FileDescriptor file(open(path.c_str(), flags | O_CLOEXEC, kMode));
  if (!file) {
    throw SystemError("cannot open " + path.string(), errno);
  }
  return file;
}

}  // namespace

FileReplacement::FileReplacement(std::filesystem::path path, std::string_view mark) : path_(std::move(path)) {
  if (!path_.has_filename()) {
    throw SystemError("cannot write '" + path_.string() + "': this names no file");
  }
  unfinished_ = folder_of(path_) / ("." + path_.filename().string() + "." + random_word() + ending(mark));
  const FileDescriptor file(open(unfinished_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode));
  if (!file) {
    throw SystemError("cannot write " + path_.string(), errno);
  }
}

FileReplacement::~FileReplacement() {
  if (!done_) {
    unlink(unfinished_.c_str());
  }
}

void FileReplacement::sync_contents() const {
  if (done_) {
    throw LogicError(path_.string() + " was put in its place before");
  }
  const FileDescriptor file = open_or_throw(unfinished_, O_RDONLY);
  if (fsync(file.get()) != 0) {
    throw SystemError("cannot bring " + unfinished_.string() + " to the disk", errno);
  }
}

void FileReplacement::finish() {
  done_ = true;
  sync_name(path_);
}

void FileReplacement::commit() {
  sync_contents();
  if (rename(unfinished_.c_str(), path_.c_str()) != 0) {
    throw SystemError("cannot write " + path_.string(), errno);
  }
  finish();
}

bool FileReplacement::commit_new() {
  sync_contents();
  if (!rename_new(unfinished_, path_)) {
    return false;
  }
  finish();
  return true;
}

void replace_file(const std::filesystem::path& path, std::span<const std::byte> contents, std::string_view mark) {
  FileReplacement replacement(path, mark);
  {
    const FileDescriptor file = open_or_throw(replacement.unfinished(), O_WRONLY);
    while (!contents.empty()) {
      const ssize_t written = write(file.get(), contents.data(), contents.size());
      if (written < 0 && errno != EINTR) {
        throw SystemError("cannot write " + path.string(), errno);
      }
      contents = contents.subspan(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
  }
  replacement.commit();
}

void replace_file(const std::filesystem::path& path, std::string_view contents, std::string_view mark) {
  replace_file(path, std::as_bytes(std::span(contents)), mark);
}

bool is_unfinished(const std::filesystem::path& path, std::string_view mark) {
  const std::string name = path.filename().string();
  return name.starts_with('.') && name.ends_with(ending(mark));
}

}  // namespace takt::core
