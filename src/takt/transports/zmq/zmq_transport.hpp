#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "takt/bus/transport.hpp"

namespace takt::zmq {

/// A CURVE key pair; each 40 characters of Z85.
struct CurveKeys {
  std::string public_key;
  std::string secret_key;
};

/// @throws SystemError when the installed libzmq cannot encrypt.
[[nodiscard]] CurveKeys make_curve_keys();

/// 40 characters of Z85 that stand for 32 bytes.
[[nodiscard]] bool is_curve_key(const std::string& text);

/// @throws LogicError when that is no key
[[nodiscard]] std::string public_key_of(const std::string& secret_key);

struct ZmqOptions {
  /// "tcp://*:5555", "tcp://robot:5555", "ipc:///run/user/1000/robot".
  std::string address;

  /// One side of a link binds, the others connect.
  bool binds{false};

  /// The binder's keys: with them it speaks CURVE only. A connector's own; made anew when empty.
  CurveKeys keys;

  /// A connector's: the binder's public key. Without it nothing is encrypted.
  std::string server_key;

  /// A binder's: the public keys of those who may connect. None: whoever has the binder's public key may.
  std::vector<std::string> clients;

  /// Messages that wait for a reader that keeps all, and requests and replies for their reader, beyond those on the
  /// way; above 0. Beyond: kWouldBlock; of a publisher that is best effort or has a depth the oldest is lost. Who reads
  /// the last `depth` has so many waiting for it, and presses nobody back.
  int queue{1000};

  /// Messages that a reader with Qos::depth 0 has room for, and requests and replies of an endpoint. Senders are
  /// granted no more.
  std::size_t room{16384};

  /// Bytes that may lie at an endpoint, with what it takes to keep them. One that keeps all then grants no more, to
  /// senders it has and to new ones: beyond this each that had been granted something brings at most 4 MiB and a single
  /// message of any size. Nothing of that is lost. Of one of a depth the oldest is, beyond a single message.
  std::size_t room_bytes{std::size_t{64} << 20U};

  /// Above this: kTooLarge when sent; who sends more all the same is disconnected.
  std::size_t max_message_bytes{std::size_t{64} << 20U};

  /// A silent peer is asked for a sign of life so often, and has gone after three times as long without one.
  int heartbeat_ms{500};

  /// A publisher that keeps all (Qos::depth 0) waits so long for a reliable reader that keeps all and grants nothing
  /// more; then that reader loses its oldest, and holds up no others. A publisher of a depth waits for nobody.
  int patience_ms{10'000};
};

struct ZmqStatistics {
  std::uint64_t malformed{0};  ///< frames that are none of ours
  std::size_t peers{0};        ///< processes that are there now
};

/// Publish, subscribe, ask and serve between processes over ZeroMQ; reconnects by itself, and says by matched events
/// who is there. Reliable as TCP is: across a reconnection what was on the way is lost; transient local comes again. Of
/// several servers the first found is asked. Threads: "zmq.recv", which all events run on, and libzmq's own "ZMQbg/…".
/// Thread safe.
class ZmqTransport : public bus::Transport {
 public:
  [[nodiscard]] virtual ZmqStatistics statistics() const = 0;
};

/// @throws LogicError for options that cannot be: a key that is none, or one that would be left unused, too; a key that
/// is given means an encrypted link or none. SystemError when the address cannot be bound or connected to. A host that
/// does not answer is no error: it may come.
[[nodiscard]] std::unique_ptr<ZmqTransport> open_zmq(const ZmqOptions& options);

}  // namespace takt::zmq
