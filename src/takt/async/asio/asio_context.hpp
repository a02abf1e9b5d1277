#pragma once

#include <boost/asio/io_context.hpp>

namespace takt::async {

/// The io_context of the loop that runs on this thread: what sockets, serial ports, resolvers and Asio's timers are
/// made with. The first call makes it and attaches it; from then on that loop waits inside Asio, and its own timers,
/// doorbells and descriptors wake it there as before. No thread is added: handlers run on the loop's thread, between
/// its tasks.
///
///   asio::ip::tcp::socket socket(asio_context());
///   co_await socket.async_connect(endpoint, use_task);          // use_task.hpp
///
/// It lives as long as the loop. What is made with it must be gone before: keep it in tasks. Do not run, stop or poll
/// it yourself.
///
/// Work of your own may be posted to it, from any thread too. A handler of yours that throws ends the program, like a
/// thread that throws; one that waits, waits on behalf of every task. Nobody waits for it: a loop that ends leaves it
/// undone. On virtual time it does not count as something to wait for: a task that only such work would wake is a
/// Deadlock, and time jumps to the next deadline as if there were none. Wake tasks from outside with a Doorbell.
///
/// @throws LogicError outside of a task, or when another library's reactor is attached to this loop.
[[nodiscard]] boost::asio::io_context& asio_context();

}  // namespace takt::async
