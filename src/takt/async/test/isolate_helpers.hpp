#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/types.h>

#include "takt/async/internal/isolated_call.hpp"
#include "takt/core/file_descriptor.hpp"

namespace takt::async {

/// What should come soon but may be late on a busy host: a test that waits this long has failed.
inline constexpr std::chrono::seconds kPatience{30};

/// Waits for the running call, as an event loop would: on both descriptors. Throws what throw_end() throws when the
/// child ends first, ChildHung after having killed it when `deadline` passes.
internal::Reply wait_for_reply(internal::IsolatedProcess& process, std::chrono::milliseconds deadline = kPatience);

/// Waits until the child is gone.
ProcessEnd wait_for_end(internal::IsolatedProcess& process);

/// Runs a dispatcher without arguments in the child.
internal::Reply call_raw(internal::IsolatedProcess& process, internal::Dispatcher dispatcher,
                         internal::RequestKind kind = internal::RequestKind::kCall);

/// For a dispatcher: answers with text.
std::size_t reply_with(internal::ServedCall& call, const std::string& text);
std::string text_of(const internal::Reply& reply);

/// Watches a process that is no child of ours from now on. @throws when there is none with that number.
core::FileDescriptor watch_process(pid_t process);
bool ends(const core::FileDescriptor& watched);

/// `text` has `part` in it; says what it is if not.
testing::AssertionResult contains(const std::string& text, const std::string& part);

/// The descriptors this process has open.
std::vector<int> open_descriptors();

/// A user's object behind blocking calls: what Isolated is without an event loop.
template <class Object>
class Blocking {
 public:
  template <class Factory, class... Arguments>
  explicit Blocking(IsolateOptions options, Factory factory, Arguments... arguments) : process(std::move(options)) {
    internal::submit_factory(process, factory, {std::move(arguments)...});
    (void)internal::value_bytes(process, wait_for_reply(process));
  }

  template <auto Method, class... Arguments>
  auto call(Arguments... arguments) {
    return call_within<Method>(kPatience, std::move(arguments)...);
  }
  template <auto Method, class... Arguments>
  auto call_within(std::chrono::milliseconds deadline, Arguments... arguments) {
    internal::submit_call<Object, Method>(process, {std::move(arguments)...});
    return internal::result_of<Method>(process, wait_for_reply(process, deadline));
  }
  ProcessEnd stop() {
    internal::submit_stop<Object>(process);
    (void)internal::value_bytes(process, wait_for_reply(process));
    return wait_for_end(process);
  }

  internal::IsolatedProcess process;
};

// --- roles: what this program does when a test starts it again -------------------------------------------------------

/// This program, in a role of isolate_main.cpp.
class OtherProgram {
 public:
  explicit OtherProgram(std::vector<std::string> role);
  ~OtherProgram();
  OtherProgram(const OtherProgram&) = delete;
  OtherProgram& operator=(const OtherProgram&) = delete;

  /// The next line that it prints; nothing at the end.
  std::optional<std::string> line();
  void kill();
  /// Waits until it ends and returns its wait status.
  int wait();

 private:
  pid_t process_{-1};
  core::FileDescriptor output_;
};

/// Runs the role that the arguments name, if they name one, and returns the exit code.
std::optional<int> run_role(const std::vector<std::string>& arguments);

}  // namespace takt::async
