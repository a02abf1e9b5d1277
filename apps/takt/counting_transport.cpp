#include "counting_transport.hpp"

#include <string_view>
#include <utility>

namespace takt::app {

WireCounts operator-(const WireCounts& later, const WireCounts& earlier) noexcept {
  return {.requests = later.requests - earlier.requests,
          .one_way = later.one_way - earlier.one_way,
          .replies = later.replies - earlier.replies,
          .statuses = later.statuses - earlier.statuses,
          .bytes_to_owner = later.bytes_to_owner - earlier.bytes_to_owner,
          .bytes_to_client = later.bytes_to_client - earlier.bytes_to_client};
}

struct CountingTransport::Tally {
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> one_way{0};
  std::atomic<std::uint64_t> replies{0};
  std::atomic<std::uint64_t> statuses{0};
  std::atomic<std::uint64_t> bytes_to_owner{0};
  std::atomic<std::uint64_t> bytes_to_client{0};

  /// A request is text (JSON) in its message; one that wants an answer says where.
  void say(bus::Bytes bytes) noexcept {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    ++(text.find("\"reply_to\":") == std::string_view::npos ? one_way : requests);
    bytes_to_owner += bytes.size();
  }
  void hear(bool reply, bus::Bytes bytes) noexcept {
    ++(reply ? replies : statuses);
    bytes_to_client += bytes.size();
  }
};

class CountingTransport::Publisher final : public bus::TransportPublisher {
 public:
  Publisher(std::unique_ptr<bus::TransportPublisher> carrier, Tally& tally)
      : carrier_(std::move(carrier)), tally_(tally) {}
  [[nodiscard]] Expected<void, bus::SendError> publish(bus::Bytes bytes) override {
    auto sent = carrier_->publish(bytes);
    if (sent && carrier_->matched().current > 0) {
      tally_.say(bytes);
    }
    return sent;
  }
  [[nodiscard]] bus::Matched matched() const override { return carrier_->matched(); }

 private:
  std::unique_ptr<bus::TransportPublisher> carrier_;
  Tally& tally_;
};

class CountingTransport::Subscription final : public bus::TransportSubscription {
 public:
  Subscription(std::unique_ptr<bus::TransportSubscription> carrier, bool replies, Tally& tally)
      : carrier_(std::move(carrier)), replies_(replies), tally_(tally) {}
  [[nodiscard]] bool take(const bus::OnMessage& visit) override {
    return carrier_->take([&](bus::Bytes bytes, const bus::MessageInfo& info) {
      tally_.hear(replies_, bytes);
      visit(bytes, info);
    });
  }
  [[nodiscard]] bus::Matched matched() const override { return carrier_->matched(); }
  [[nodiscard]] std::uint64_t lost() const override { return carrier_->lost(); }

 private:
  std::unique_ptr<bus::TransportSubscription> carrier_;
  bool replies_;
  Tally& tally_;
};

CountingTransport::CountingTransport(std::shared_ptr<bus::Transport> carrier)
    : carrier_(std::move(carrier)), tally_(std::make_unique<Tally>()) {}
CountingTransport::~CountingTransport() = default;

WireCounts CountingTransport::counts() const noexcept {
  return {.requests = tally_->requests,
          .one_way = tally_->one_way,
          .replies = tally_->replies,
          .statuses = tally_->statuses,
          .bytes_to_owner = tally_->bytes_to_owner,
          .bytes_to_client = tally_->bytes_to_client};
}

std::unique_ptr<bus::TransportPublisher> CountingTransport::advertise(const bus::TopicEndpoint& topic,
                                                                      bus::EndpointEvents events) {
  return std::make_unique<Publisher>(carrier_->advertise(topic, std::move(events)), *tally_);
}

std::unique_ptr<bus::TransportSubscription> CountingTransport::subscribe(const bus::TopicEndpoint& topic,
                                                                         bus::EndpointEvents events) {
  return std::make_unique<Subscription>(carrier_->subscribe(topic, std::move(events)), topic.name.ends_with("/reply"),
                                        *tally_);
}

std::unique_ptr<bus::TransportClient> CountingTransport::client(const bus::ServiceEndpoint& service,
                                                                bus::EndpointEvents events) {
  return carrier_->client(service, std::move(events));
}

std::unique_ptr<bus::TransportServer> CountingTransport::serve(const bus::ServiceEndpoint& service,
                                                               bus::EndpointEvents events) {
  return carrier_->serve(service, std::move(events));
}

}  // namespace takt::app
