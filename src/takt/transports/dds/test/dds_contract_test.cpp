#include "takt/bus/test/transport_contract.hpp"
#include "takt/transports/dds/test/dds_test.hpp"

// The contract of bus::Transport, over the loopback interface.
namespace takt::bus::test {
namespace {

/// Three participants that nobody outside this process finds.
class DdsRig final : public TransportRig {
 public:
  [[nodiscard]] Transport& transport(std::size_t index) override { return *transports_.at(index); }
  void settle() override { std::this_thread::sleep_for(std::chrono::milliseconds(100)); }
  [[nodiscard]] std::size_t max_message_bytes() const override { return kMaxMessageBytes; }
  [[nodiscard]] bool spares_volatile_neighbours() const override { return false; }  // docs/transports/dds.md

 private:
  static constexpr std::size_t kMaxMessageBytes = std::size_t{4} << 20U;

  static std::shared_ptr<Transport> open() {
    dds::DdsOptions options = dds::test::options();
    options.discovery = dds::DiscoveryRange::kOff;
    options.max_message_bytes = kMaxMessageBytes;
    return dds::open_dds(options);
  }
  std::array<std::shared_ptr<Transport>, 3> transports_{open(), open(), open()};
};

INSTANTIATE_TEST_SUITE_P(Dds, TransportContract,
                         testing::Values(RigMaker{.name = "Loopback",
                                                  .make = [] { return std::make_unique<DdsRig>(); }}),
                         name_of);

}  // namespace
}  // namespace takt::bus::test
