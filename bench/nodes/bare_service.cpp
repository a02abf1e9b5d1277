// The service by hand: a request and a response topic, a listener on each that posts to Asio.

#include <chrono>
#include <cstdint>

#include <boost/asio/steady_timer.hpp>

#include "takt/core/error.hpp"
#include "takt/core/time.hpp"

#include "bare_dds.hpp"
#include "bench_messages.h"
#include "services.hpp"

namespace takt::bench {
namespace {

using namespace std::chrono_literals;
using Request = bench_msgs_srv_dds__Echo_Request_;
using Response = bench_msgs_srv_dds__Echo_Response_;

constexpr const char* kRequests = "rq/bench_echoRequest";
constexpr const char* kResponses = "rr/bench_echoReply";
constexpr std::uint64_t kClient = 0x1122334455667788;

/// Calls `look` every so often, as long as it likes.
class Often {
 public:
  Often(boost::asio::io_context& io, std::chrono::milliseconds period, std::function<void()> look)
      : timer_(io), period_(period), look_(std::move(look)) {
    again();
  }
  Often(const Often&) = delete;
  Often& operator=(const Often&) = delete;

 private:
  void again() {
    timer_.expires_after(period_);
    timer_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) {
        look_();
        again();
      }
    });
  }
  boost::asio::steady_timer timer_;
  std::chrono::milliseconds period_;
  std::function<void()> look_;
};

/// Calls one after the other; the first is repeated until it is answered.
class Caller {
 public:
  Caller(std::uint32_t domain, int calls)
      : calls_(static_cast<std::size_t>(calls)),
        participant_(domain),
        writer_(participant_.writer(bench_msgs_srv_dds__Echo_Request__desc, kRequests)),
        reader_(io_, participant_, bench_msgs_srv_dds__Echo_Response__desc, kResponses,
                [this](const Response& response) { hear(response); }),
        first_(io_, 20ms, [this] { begin(); }) {}

  std::vector<double> run() {
    io_.run_for(30s);
    if (took_us_.size() < calls_) {
      throw SystemError("bench: a service by hand does not answer");
    }
    return took_us_;
  }

 private:
  void begin() {
    if (number_ == 0 || answered_ == 0) {
      ask();
    }
  }
  void ask() {
    ++number_;
    const Request request{.client = kClient, .number = number_, .stamp_ns = core::monotonic_now_ns()};
    (void)dds_write(writer_, &request);
  }
  void hear(const Response& response) {
    if (response.client != kClient || response.number != number_) {
      return;
    }
    if (++answered_ > 1) {  // the first one was for discovery
      took_us_.push_back(static_cast<double>(core::monotonic_now_ns() - response.stamp_ns) * 1e-3);
    }
    took_us_.size() < calls_ ? ask() : io_.stop();
  }

  std::size_t calls_;
  boost::asio::io_context io_{1};
  BareParticipant participant_;
  dds_entity_t writer_;
  PostedReader<Response> reader_;
  Often first_;
  std::int64_t number_{0};
  std::uint64_t answered_{0};
  std::vector<double> took_us_;
};

}  // namespace

void serve_by_hand(std::uint32_t domain, const std::atomic<bool>& over) {
  boost::asio::io_context io(1);
  const BareParticipant participant(domain);
  const dds_entity_t writer = participant.writer(bench_msgs_srv_dds__Echo_Response__desc, kResponses);
  const PostedReader<Request> reader(
      io, participant, bench_msgs_srv_dds__Echo_Request__desc, kRequests, [&](const Request& request) {
        const Response response{.client = request.client, .number = request.number, .stamp_ns = request.stamp_ns};
        (void)dds_write(writer, &response);
      });
  const Often watch(io, 10ms, [&] {
    if (over) {
      io.stop();
    }
  });
  io.run();
}

std::vector<double> call_by_hand(std::uint32_t domain, int calls) {
  return Caller(domain, calls).run();
}

}  // namespace takt::bench
