#include "takt/transports/zmq/zmq_transport.hpp"

#include <algorithm>
#include <string>

#include "takt/bus/test/transport_contract.hpp"
#include "takt/core/error.hpp"
#include "takt/core/thread_names.hpp"
#include "takt/transports/zmq/internal/socket.hpp"
#include "takt/transports/zmq/test/zmq_rig.hpp"

namespace takt::bus::test {
namespace {

std::unique_ptr<TransportRig> make_encrypted_rig() {
  zmq::ZmqOptions options;
  options.keys = zmq::make_curve_keys();
  return std::make_unique<ZmqRig>(bind_tcp(options));
}

INSTANTIATE_TEST_SUITE_P(
    Zmq, TransportContract,
    testing::Values(RigMaker{.name = "Tcp", .make = [] { return std::make_unique<ZmqRig>(bind_tcp()); }},
                    RigMaker{.name = "Ipc", .make = [] { return std::make_unique<ZmqRig>(bind_ipc()); }},
                    RigMaker{.name = "Encrypted", .make = make_encrypted_rig}),
    name_of);

TEST(ZmqTransportTest, AnAddressIsTcpWithAPortOrIpcWithAPath) {
  for (const char* good : {"tcp://*:5555", "tcp://robot:65535", "ipc:///run/x"}) {
    EXPECT_NO_THROW(zmq::internal::check_address(good)) << good;
  }
  for (const char* wrong : {"", "tcp://", "tcp://host", "tcp://host:", "tcp://host:0", "tcp://host:65536",
                            "tcp://host:1x", "ipc://", "udp://host:1", "host:5555"}) {
    EXPECT_THROW(zmq::internal::check_address(wrong), LogicError) << wrong;
  }
}

TEST(ZmqTransportTest, OptionsThatCannotBeAreRefused) {
  zmq::ZmqOptions options;
  options.address = own_ipc();
  options.binds = true;
  options.queue = 0;
  EXPECT_THROW(static_cast<void>(zmq::open_zmq(options)), LogicError);
  options.queue = 1;
  options.keys.secret_key = "short";
  EXPECT_THROW(static_cast<void>(zmq::open_zmq(options)), LogicError);
  const Binder holder = bind_tcp();
  EXPECT_THROW(static_cast<void>(zmq::open_zmq(holder.options)), SystemError) << "the port is taken";
}

TEST(ZmqTransportTest, WhoBindsAtANameIsToldWhatToNameInstead) {
  zmq::ZmqOptions options;
  options.address = "tcp://robot:5601";
  options.binds = true;
  try {
    static_cast<void>(zmq::open_zmq(options));
    FAIL() << "it was opened";
  } catch (const SystemError& error) {
    EXPECT_NE(std::string(error.what()).find("an address of this host, or *"), std::string::npos) << error.what();
  }
}

TEST(ZmqTransportTest, SaysWhetherItEncrypts) {
  const Binder plain = bind_ipc();
  EXPECT_FALSE(has(plain.transport->capabilities(), Capability::kEncrypted));
  EXPECT_EQ(plain.transport->scheme(), "zmq+ipc");
  zmq::ZmqOptions options;
  options.keys = zmq::make_curve_keys();
  const Binder encrypted = bind_tcp(options);
  EXPECT_TRUE(has(encrypted.transport->capabilities(), Capability::kEncrypted));
  EXPECT_EQ(encrypted.transport->scheme(), "zmq+tcp");
}

TEST(ZmqTransportTest, OneThreadReceives) {
  const Binder binder = bind_ipc();
  EXPECT_TRUE(eventually([] { return std::ranges::count(core::thread_names(), "zmq.recv") == 1; }));
}

TEST(ZmqTransportTest, LongNamesAreRefused) {
  const Binder binder = bind_ipc();
  EXPECT_THROW(binder.transport->add_node({.name = std::string(1025, 'n')}), LogicError);
}

TEST(ZmqTransportTest, ConnectorsOfOneBinderDoNotHearEachOther) {
  ZmqRig rig(bind_ipc());
  const TopicEndpoint topic{.name = "/topic", .type = {.name = "a"}, .qos = {}, .node = {}};
  const auto subscription = rig.transport(2).subscribe(topic, {});
  const auto at_binder = rig.transport(0).subscribe(topic, {});
  const auto publisher = rig.transport(1).advertise(topic, {});
  ASSERT_TRUE(eventually([&] { return publisher->matched().current == 1; }));
  ASSERT_TRUE(publisher->publish(bytes_of("to the binder")));
  EXPECT_EQ(take_count(*at_binder, 1).size(), 1);
  rig.settle();
  EXPECT_EQ(take_all(*subscription).size(), 0);
}

}  // namespace
}  // namespace takt::bus::test
