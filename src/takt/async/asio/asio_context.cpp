#include "takt/async/asio/asio_context.hpp"

#include "takt/async/asio/internal/asio_reactor.hpp"
#include "takt/async/tasks/internal/loop_state.hpp"

namespace takt::async {

boost::asio::io_context& asio_context() {
  return internal::asio_reactor_of(internal::this_loop_state("asio_context()")).context();
}

}  // namespace takt::async
