#include <memory>
#include <utility>

#include "bare_dds.hpp"
#include "bench_messages.h"
#include "ways.hpp"

namespace takt::bench {
namespace {

using BareSample = bench_msgs_msg_dds__Sample_;

constexpr const char* kTopic = "rt/bench";  // as /bench is called there

class BareSender final : public Sender {
 public:
  explicit BareSender(std::uint32_t domain)
      : participant_(domain), writer_(participant_.writer(bench_msgs_msg_dds__Sample__desc, kTopic)) {}
  [[nodiscard]] bool send(core::Nanoseconds stamp_ns) override {
    sample_.stamp_ns = stamp_ns;
    return dds_write(writer_, &sample_) == DDS_RETCODE_OK;
  }

 private:
  BareParticipant participant_;
  dds_entity_t writer_;
  BareSample sample_{};
};

class BareReceiver final : public Receiver {
 public:
  BareReceiver(std::uint32_t domain, Hear hear)
      : participant_(domain),
        reader_(loop_.io(), participant_, bench_msgs_msg_dds__Sample__desc, kTopic,
                [hear = std::move(hear)](const BareSample& sample) { hear(sample.stamp_ns); }) {}
  ~BareReceiver() override { loop_.stop(); }
  BareReceiver(const BareReceiver&) = delete;
  BareReceiver& operator=(const BareReceiver&) = delete;

 private:
  IoThread loop_;
  BareParticipant participant_;
  PostedReader<BareSample> reader_;
};

}  // namespace

Way bare_way(std::uint32_t domain) {
  return {.name = "Cyclone DDS, listener and post",
          .sender = [domain] { return std::make_unique<BareSender>(domain); },
          .receiver = [domain](Hear hear) { return std::make_unique<BareReceiver>(domain, std::move(hear)); },
          .window = 0};
}

}  // namespace takt::bench
