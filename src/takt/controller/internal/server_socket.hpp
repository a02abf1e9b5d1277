#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "takt/core/file_descriptor.hpp"

/// Where servers are found: `<folder>/<name>.sock`, and beside it `<name>.lock`, which the living server holds locked
/// and which has its process id in it. A lock goes with its process, however that ends; so a socket whose lock is free
/// is a dead server's, and is replaced.
namespace takt::controller::internal {

using core::FileDescriptor;

/// $XDG_RUNTIME_DIR/takt, else /tmp/takt-<uid>.
[[nodiscard]] std::filesystem::path socket_folder();

/// @throws ConfigError unless it is 1 … 64 letters, digits, '_', '-' and '.', beginning with a letter or digit.
void require_server_name(std::string_view name);

/// The process that holds the lock of `name`; nullopt: no server of that name lives.
[[nodiscard]] std::optional<pid_t> find_server(const std::string& name);

/// Names of all living servers of this user, sorted.
[[nodiscard]] std::vector<std::string> find_servers();

/// A server's place: its lock and its listening socket. A resource; removes both files.
class ServerSocket {
 public:
  /// @throws ConfigError naming the process when a server of that name lives, SystemError, and what
  /// require_server_name throws.
  explicit ServerSocket(std::string name);
  ~ServerSocket();
  ServerSocket(const ServerSocket&) = delete;
  ServerSocket& operator=(const ServerSocket&) = delete;

  /// The next client in line, in non-blocking mode; none: there is none, or it was another user's and was refused.
  /// @throws SystemError when the system gives no descriptor.
  [[nodiscard]] std::optional<FileDescriptor> accept();

  [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::string name_;
  std::filesystem::path path_;
  std::filesystem::path lock_path_;
  FileDescriptor lock_;
  FileDescriptor socket_;
};

/// A connection to the server `name`, in non-blocking mode; nullopt: its queue of clients is full, try again later.
/// @throws DeviceError when there is none, ConfigError for a bad name or a server that is another user's, SystemError.
[[nodiscard]] std::optional<FileDescriptor> connect_to_server(const std::string& name);

}  // namespace takt::controller::internal
