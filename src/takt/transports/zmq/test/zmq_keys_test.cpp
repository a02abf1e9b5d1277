// Who is let in, and what is encrypted.
#include "takt/transports/zmq/test/zmq_rig.hpp"

namespace takt::bus::test {
namespace {

TopicEndpoint topic() {
  return {.name = "/topic", .type = {.name = "std_msgs/msg/String"}, .qos = {}, .node = {}};
}

TEST(ZmqKeysTest, AWrongKeyIsRefusedAndSaid) {
  zmq::ZmqOptions options;
  options.keys = zmq::make_curve_keys();
  testing::internal::CaptureStderr();
  const Binder binder = bind_tcp(options);
  zmq::ZmqOptions wrong = connector(binder);
  wrong.server_key = zmq::make_curve_keys().public_key;
  zmq::ZmqOptions without = connector(binder);
  without.server_key.clear();
  const auto stranger = zmq::open_zmq(wrong);
  const auto plain = zmq::open_zmq(without);
  const auto right = zmq::open_zmq(connector(binder));
  const auto publisher = binder.transport->advertise(topic(), {});
  const auto at_stranger = stranger->subscribe(topic(), {});
  const auto at_plain = plain->subscribe(topic(), {});
  const auto at_right = right->subscribe(topic(), {});
  EXPECT_TRUE(eventually([&] { return publisher->matched().current == 1 && at_right->matched().current == 1; }));
  EXPECT_TRUE(eventually([&] { return binder.transport->statistics().malformed > 0; }));
  EXPECT_TRUE(publisher->publish(bytes_of("secret")));
  EXPECT_EQ(take_count(*at_right, 1), std::vector<std::string>{"secret"});
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(publisher->matched().current, 1);
  EXPECT_FALSE(at_stranger->take([](Bytes, const MessageInfo&) {}));
  EXPECT_FALSE(at_plain->take([](Bytes, const MessageInfo&) {}));
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("keys that do not fit"), std::string::npos) << said;
}

/// Whoever gives a key wants no plain link.
TEST(ZmqKeysTest, AKeyThatCannotBeUsedIsRefusedInsteadOfAPlainLink) {
  const zmq::CurveKeys keys = zmq::make_curve_keys();
  zmq::ZmqOptions options;
  options.address = own_ipc();
  options.keys = keys;
  EXPECT_THROW(static_cast<void>(zmq::open_zmq(options)), LogicError) << "a connector without the binder's key";
  options.binds = true;
  options.keys = {.public_key = keys.public_key, .secret_key = {}};
  EXPECT_THROW(static_cast<void>(zmq::open_zmq(options)), LogicError) << "a binder without its secret key";
  options.keys = {};
  options.server_key = keys.public_key;
  EXPECT_THROW(static_cast<void>(zmq::open_zmq(options)), LogicError) << "a binder with a connector's option";
}

TEST(ZmqKeysTest, AKeyThatIsNoneIsALogicError) {
  zmq::ZmqOptions options;
  options.address = own_ipc();
  options.server_key = std::string(40, ' ');  // 40 characters that are not Z85
  EXPECT_THROW(static_cast<void>(zmq::open_zmq(options)), LogicError);
  options.server_key = zmq::make_curve_keys().public_key;
  options.keys.secret_key = zmq::make_curve_keys().secret_key;  // without its public half
  EXPECT_THROW(static_cast<void>(zmq::open_zmq(options)), LogicError);
}

TEST(ZmqKeysTest, KeysThatAreNoPairAreRefused) {
  const zmq::CurveKeys keys = zmq::make_curve_keys();
  zmq::ZmqOptions options;
  options.address = own_ipc();
  options.binds = true;
  options.keys = {.public_key = zmq::make_curve_keys().public_key, .secret_key = keys.secret_key};
  EXPECT_THROW(static_cast<void>(zmq::open_zmq(options)), LogicError);
  options.keys = {};
  options.clients = {keys.public_key};
  EXPECT_THROW(static_cast<void>(zmq::open_zmq(options)), LogicError) << "clients have keys only where the binder has";
  options.keys = keys;
  options.clients = {"nobody"};
  EXPECT_THROW(static_cast<void>(zmq::open_zmq(options)), LogicError);
}

TEST(ZmqKeysTest, OfABinderThatNamesItsClientsOnlyThoseAreLetIn) {
  const zmq::CurveKeys friend_keys = zmq::make_curve_keys();
  zmq::ZmqOptions options;
  options.keys = zmq::make_curve_keys();
  options.clients = {zmq::make_curve_keys().public_key, friend_keys.public_key};
  testing::internal::CaptureStderr();
  const Binder binder = bind_tcp(options);
  zmq::ZmqOptions known = connector(binder);
  known.keys = friend_keys;
  const auto one = zmq::open_zmq(known);
  const auto stranger = zmq::open_zmq(connector(binder));  // with keys of its own making
  const auto publisher = binder.transport->advertise(topic(), {});
  const auto at_friend = one->subscribe(topic(), {});
  const auto at_stranger = stranger->subscribe(topic(), {});
  EXPECT_TRUE(eventually([&] { return publisher->matched().current == 1 && at_friend->matched().current == 1; }));
  EXPECT_TRUE(eventually([&] { return binder.transport->statistics().malformed > 0; })) << "somebody was refused";
  EXPECT_TRUE(publisher->publish(bytes_of("secret")));
  EXPECT_EQ(take_count(*at_friend, 1), std::vector<std::string>{"secret"});
  EXPECT_EQ(binder.transport->statistics().peers, 1);
  EXPECT_EQ(stranger->statistics().peers, 0);
  EXPECT_EQ(at_stranger->matched().total, 0);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("does not begin"), std::string::npos);
}

}  // namespace
}  // namespace takt::bus::test
