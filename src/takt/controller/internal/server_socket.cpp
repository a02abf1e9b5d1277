#include "takt/controller/internal/server_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "takt/core/error.hpp"

namespace takt::controller::internal {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr int kBacklog = 64;

bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::filesystem::path socket_path(const std::string& name) {
  return socket_folder() / (name + ".sock");
}
std::filesystem::path lock_path(const std::string& name) {
  return socket_folder() / (name + ".lock");
}

/// Makes the folder, or finds that it is ours and nobody else's: in /tmp somebody may have been there before.
void require_own_folder(const std::filesystem::path& folder) {
  if (mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    throw SystemError("cannot make the folder of the controllers' sockets, " + folder.string(), errno);
  }
  struct stat status{};
  if (lstat(folder.c_str(), &status) != 0) {
    throw SystemError("cannot look at " + folder.string(), errno);
  }
  if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    throw ConfigError(
        folder.string() +
        " must be a folder that belongs to this user alone (mode 0700); remove it, or set XDG_RUNTIME_DIR");
  }
}

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof(address.sun_path)) {
    throw ConfigError("the path of the socket is too long, " + std::to_string(text.size()) + " bytes of at most " +
                      std::to_string(sizeof(address.sun_path) - 1) + ": " + text);
  }
  std::copy(text.begin(), text.end(), address.sun_path);
  return address;
}

FileDescriptor make_socket() {
  FileDescriptor made(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made) {
    throw SystemError("socket", errno);
  }
  return made;
}

bool is_of_this_user(int socket) noexcept {
  ucred peer{};
  socklen_t size = sizeof(peer);
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

/// Of the whole file, by this open file: it goes with the last descriptor of it, however its process ends. Unlike
/// flock's, such a lock can be asked for without being taken for a moment, in which a starting server would meet it.
struct flock whole_file(short type) noexcept {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

bool try_lock(int file) noexcept {
  struct flock lock = whole_file(F_WRLCK);
  return fcntl(file, F_OFD_SETLK, &lock) == 0;
}

bool is_locked(int file) noexcept {
  struct flock lock = whole_file(F_WRLCK);
  return fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

pid_t read_process(int file) noexcept {
  std::array<char, 16> text{};
  const ssize_t count = pread(file, text.data(), text.size(), 0);
  pid_t process = 0;
  if (count > 0) {
    std::from_chars(text.data(), text.data() + count, process);
  }
  return process;
}

/// The lock, taken; none: a living server has it, and `process` is its.
FileDescriptor take_lock(const std::filesystem::path& path, pid_t& process) {
  while (true) {
    FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
    if (!file) {
      throw SystemError("cannot open " + path.string(), errno);
    }
    if (!try_lock(file.get())) {
      process = read_process(file.get());
      return {};
    }
    // Its owner may have removed it between our open and our lock; then it is nobody's lock any more.
    struct stat ours{};
    struct stat there{};
    if (fstat(file.get(), &ours) == 0 && stat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
        ours.st_dev == there.st_dev) {
      return file;
    }
  }
}

}  // namespace

std::filesystem::path socket_folder() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");  // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
  if (runtime != nullptr && *runtime != '\0') {
    return std::filesystem::path(runtime) / "takt";
  }
  return "/tmp/takt-" + std::to_string(geteuid());
}

void require_server_name(std::string_view name) {
  const bool good = !name.empty() && name.size() <= kMaxName && is_letter_or_digit(name.front()) &&
                    std::all_of(name.begin(), name.end(),
                                [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.'; });
  if (!good) {
    throw ConfigError("'" + std::string(name) + "' cannot be the name of a controller: 1 to " +
                      std::to_string(kMaxName) + " letters, digits, '_', '-' and '.', first a letter or digit");
  }
}

std::optional<pid_t> find_server(const std::string& name) {
  const FileDescriptor file(open(lock_path(name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file || !is_locked(file.get())) {
    return std::nullopt;
  }
  return read_process(file.get());
}

std::vector<std::string> find_servers() {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(socket_folder(), none)) {
    if (entry.path().extension() == ".sock" && find_server(entry.path().stem().string())) {
      names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

ServerSocket::ServerSocket(std::string name) : name_(std::move(name)) {
  require_server_name(name_);
  require_own_folder(socket_folder());
  path_ = socket_path(name_);
  lock_path_ = lock_path(name_);
  const sockaddr_un address = address_of(path_);
  pid_t owner = 0;
  lock_ = take_lock(lock_path_, owner);
  if (!lock_) {
    throw ConfigError("a controller named '" + name_ + "' runs already, as process " + std::to_string(owner) +
                      "; stop it (takt stop --robot " + name_ + "), or take another name");
  }
  const std::string process = std::to_string(getpid());
  if (ftruncate(lock_.get(), 0) != 0 ||
      pwrite(lock_.get(), process.data(), process.size(), 0) != static_cast<ssize_t>(process.size())) {
    throw SystemError("cannot write " + lock_path_.string(), errno);
  }
  socket_ = make_socket();
  unlink(path_.c_str());  // a dead server's: we have its lock
  if (bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      chmod(path_.c_str(), S_IRUSR | S_IWUSR) != 0 || listen(socket_.get(), kBacklog) != 0) {
    throw SystemError("cannot listen on " + path_.string(), errno);
  }
}

ServerSocket::~ServerSocket() {
  unlink(path_.c_str());
  unlink(lock_path_.c_str());  // while it is locked: see take_lock
}

std::optional<FileDescriptor> ServerSocket::accept() {
  FileDescriptor client(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!client) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      throw SystemError("cannot take another client of '" + name_ + "'", errno);
    }
    return std::nullopt;  // it has gone again, or was no more than a signal
  }
  if (!is_of_this_user(client.get())) {
    return std::nullopt;
  }
  return client;
}

std::optional<FileDescriptor> connect_to_server(const std::string& name) {
  require_server_name(name);
  const std::filesystem::path path = socket_path(name);
  const sockaddr_un address = address_of(path);
  FileDescriptor made = make_socket();
  while (connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno == EAGAIN) {
      return std::nullopt;
    }
    if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) {
      throw DeviceError("no controller named '" + name + "' runs (" + path.string() + "); start one with takt serve");
    }
    if (errno != EINTR) {
      throw SystemError("cannot connect to " + path.string(), errno);
    }
  }
  if (!is_of_this_user(made.get())) {
    throw ConfigError("the controller '" + name + "' at " + path.string() + " is another user's");
  }
  return made;
}

}  // namespace takt::controller::internal
