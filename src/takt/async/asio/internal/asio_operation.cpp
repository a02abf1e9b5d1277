#include "takt/async/asio/internal/asio_operation.hpp"

#include <string_view>

#include <boost/core/demangle.hpp>
#include <boost/system/errc.hpp>
#include <boost/system/system_error.hpp>

#include "takt/async/asio/internal/asio_reactor.hpp"
#include "takt/async/tasks/internal/loop_state.hpp"
#include "takt/core/error.hpp"

namespace takt::async::internal {
namespace {

// "a::b<c::d>::initiate_async_send" → "initiate_async_send"
std::string last_name_of(std::string_view type) {
  std::string name;
  int depth = 0;
  for (const char c : type) {
    depth += c == '<' ? 1 : 0;
    if (depth == 0) {
      c == ':' ? name.clear() : name.push_back(c);
    }
    depth -= c == '>' ? 1 : 0;
  }
  return name;
}

}  // namespace

bool was_aborted(const boost::system::error_code& error) noexcept {
  return error == boost::system::errc::operation_canceled;
}

bool was_aborted(const std::exception_ptr& error) noexcept {
  if (error == nullptr) {
    return false;
  }
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& thrown) {
    return was_aborted(thrown.code());
  } catch (...) {
    return false;
  }
}

void AsioOperationBase::begin() {
  if (loop_ != nullptr) {
    throw LogicError("an Asio operation was awaited twice: what it needs to begin was given away the first time");
  }
  loop_ = &this_loop_state("an Asio operation");
  context_ = &asio_reactor_of(*loop_).context();
  initiating_ = true;
  ++loop_->outside_waits;
}

void AsioOperationBase::begun() {
  initiating_ = false;
  if (settled_) {
    finish();
  } else if (asked_to_cancel_) {
    emit_cancellation();
  }
}

void AsioOperationBase::end() noexcept {
  --loop_->outside_waits;
}

bool AsioOperationBase::ask_to_cancel() noexcept {
  asked_to_cancel_ = true;
  if (!initiating_) {  // else the operation does not listen yet
    emit_cancellation();
  }
  return false;
}

// Each operation takes the kinds that it supports; the other bits mean nothing to it.
void AsioOperationBase::emit_cancellation() noexcept {
  signal_.emit(boost::asio::cancellation_type::terminal | boost::asio::cancellation_type::partial |
               boost::asio::cancellation_type::total);
}

void AsioOperationBase::settle() noexcept {
  if (this_thread.loop == nullptr || &this_thread.loop->state() != loop_) {
    const std::shared_ptr<Inbox> inbox = loop_->inbox;  // the loop may end as soon as it has the message
    inbox->push(*this);
  } else if (initiating_) {
    settled_ = true;  // said when it is known whether the initiation throws
  } else {
    finish();
  }
}

std::string describe_initiation(const std::type_info& initiation) {
  const std::string full = boost::core::demangle(initiation.name());
  std::string_view name = full;
  const std::string last = last_name_of(name);
  name = last;
  for (const std::string_view prefix : {"initiate_", "run_"}) {
    if (name.starts_with(prefix)) {
      name.remove_prefix(prefix.size());
    }
  }
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz_0123456789";
  const bool is_name = !name.empty() && name.find_first_not_of(kLetters) == std::string_view::npos;
  return is_name ? "Asio's " + std::string(name) : "an Asio operation";
}

}  // namespace takt::async::internal
