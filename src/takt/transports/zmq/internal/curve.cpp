#include "takt/transports/zmq/internal/curve.hpp"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "takt/core/error.hpp"

namespace takt::zmq::internal {
namespace {

namespace option = ::zmq::sockopt;

constexpr std::size_t kKeySize = 40;

/// The 32 bytes of a key; empty when it is none.
std::string decoded(const std::string& key) {
  std::array<std::uint8_t, 32> bytes{};
  if (key.size() != kKeySize || zmq_z85_decode(bytes.data(), key.c_str()) == nullptr) {
    return {};
  }
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void require_key(const char* name, const std::string& key) {
  if (!is_curve_key(key)) {  // the key is not shown: it may be the secret one
    throw LogicError(
        fmt::format("zmq: {} is no CURVE key: one is {} characters of Z85, this has {}", name, kKeySize, key.size()));
  }
}

void require_pair(const CurveKeys& keys) {
  require_key("the public key", keys.public_key);
  if (keys.public_key != public_key_of(keys.secret_key)) {
    throw LogicError("zmq: the public key is not that of the secret key");
  }
}

bool has_keys(const ZmqOptions& options) {
  return !options.keys.public_key.empty() || !options.keys.secret_key.empty();
}

void check_binder(const ZmqOptions& options) {
  if (!options.server_key.empty()) {
    throw LogicError("zmq: server_key is the connector's option; who binds encrypts with its own keys");
  }
  if (has_keys(options)) {
    require_pair(options.keys);
  } else if (!options.clients.empty()) {
    throw LogicError("zmq: clients are let in by their keys, which takes keys of the binder");
  }
  for (const std::string& client : options.clients) {
    require_key("the key of a client", client);
  }
}

void check_connector(const ZmqOptions& options) {
  if (!options.clients.empty()) {
    throw LogicError("zmq: clients is the binder's option");
  }
  if (has_keys(options)) {
    require_pair(options.keys);
    if (options.server_key.empty()) {
      throw LogicError("zmq: keys are given and server_key is not: without the binder's key nothing is encrypted");
    }
  }
  if (!options.server_key.empty()) {
    require_key("server_key", options.server_key);
  }
}

}  // namespace

ZmqOptions with_keys(ZmqOptions options) {
  if (!has_keys(options) && options.server_key.empty() && options.clients.empty()) {
    return options;
  }
  if (zmq_has("curve") == 0) {
    throw SystemError("zmq: the installed libzmq cannot encrypt: it was built without CURVE");
  }
  if (options.binds) {
    check_binder(options);
  } else {
    check_connector(options);
    if (!has_keys(options)) {
      options.keys = make_curve_keys();
    }
  }
  return options;
}

void set_keys(::zmq::socket_t& socket, const ZmqOptions& options) {
  if (!has_keys(options)) {
    return;
  }
  if (options.binds) {
    socket.set(option::curve_server, true);
  } else {
    socket.set(option::curve_serverkey, options.server_key);
    socket.set(option::curve_publickey, options.keys.public_key);
  }
  socket.set(option::curve_secretkey, options.keys.secret_key);
  if (!options.clients.empty()) {
    socket.set(option::zap_domain, std::string_view("takt"));  // without a doorman nobody is let in
  }
}

Doorman::Doorman(::zmq::context_t& context, const std::vector<std::string>& clients)
    : door_(context, ::zmq::socket_type::rep) {
  for (const std::string& client : clients) {
    clients_.insert(decoded(client));
  }
  door_.set(option::linger, 0);
  door_.bind("inproc://zeromq.zap.01");
}

/// A question: version, its number, domain, address, routing id, mechanism, key. An answer: version, the number,
/// status, text, user, metadata.
void Doorman::answer() {
  while (true) {
    std::vector<std::string> asked;
    ::zmq::message_t frame;
    do {
      if (!door_.recv(frame, ::zmq::recv_flags::dontwait)) {
        return;
      }
      asked.push_back(frame.to_string());
    } while (frame.more());
    const bool welcome = asked.size() == 7 && asked[5] == "CURVE" && clients_.contains(asked[6]);
    const std::string number = asked.size() > 1 ? asked[1] : "";
    const std::array<std::string, 6> answer{"1.0", number, welcome ? "200" : "400", welcome ? "OK" : "no client",
                                            "",    ""};
    for (std::size_t i = 0; i < answer.size(); ++i) {
      const auto more = i + 1 < answer.size() ? ::zmq::send_flags::sndmore : ::zmq::send_flags::none;
      static_cast<void>(door_.send(::zmq::buffer(answer.at(i)), more | ::zmq::send_flags::dontwait));
    }
  }
}

}  // namespace takt::zmq::internal

namespace takt::zmq {

CurveKeys make_curve_keys() {
  std::array<char, internal::kKeySize + 1> public_key{};
  std::array<char, internal::kKeySize + 1> secret_key{};
  if (zmq_curve_keypair(public_key.data(), secret_key.data()) != 0) {
    throw SystemError("zmq: the installed libzmq cannot make keys: it was built without CURVE");
  }
  return {.public_key = public_key.data(), .secret_key = secret_key.data()};
}

bool is_curve_key(const std::string& text) {
  return !internal::decoded(text).empty();
}

std::string public_key_of(const std::string& secret_key) {
  std::array<char, internal::kKeySize + 1> derived{};
  internal::require_key("the secret key", secret_key);
  if (zmq_curve_public(derived.data(), secret_key.c_str()) != 0) {
    throw SystemError("zmq: the installed libzmq cannot make keys: it was built without CURVE");
  }
  return derived.data();
}

}  // namespace takt::zmq
