// Any bytes, as a server gets them and as a client does: a clear error, or a packet that packs again as itself, and
// what is made of its body is refused or makes sense.

#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "takt/controller/internal/failure.hpp"
#include "takt/controller/internal/packet.hpp"
#include "takt/controller/internal/wire.hpp"
#include "takt/core/error.hpp"

namespace {

using namespace takt::controller::internal;  // NOLINT(google-build-using-namespace)

void make_something_of(const Welcome& welcome) {
  try {
    const auto model = from_wire(welcome.model);
    if (model.dof() == 0) {
      std::abort();
    }
  } catch (const takt::LogicError&) {  // no model of an arm
  }
}

void make_something_of(const Failed& failed) {
  try {
    throw_failure(failed);
  } catch (const std::exception& error) {
    if (to_failure(error).kind != failed.kind) {
      std::abort();
    }
  }
}

void make_something_of(const auto& /*body*/) {}

template <class Body>
void check(const PacketView& packet) {
  if (packet.type != Body::kType) {
    return;
  }
  const auto body = unpack<Body>(packet);
  if (!body) {
    if (body.error().what.empty()) {
      std::abort();
    }
    return;
  }
  const std::vector<std::byte> bytes = pack(packet.number, *body);
  const auto again = parse_packet(bytes);
  const auto same = again ? unpack<Body>(*again) : body;
  if (!again || !same || pack(packet.number, *same) != bytes) {
    std::abort();
  }
  make_something_of(*body);
}

template <class... Bodies>
void check_all(const PacketView& packet) {
  (check<Bodies>(packet), ...);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto packet = parse_packet(std::span(reinterpret_cast<const std::byte*>(data), size));
  if (!packet) {
    if (packet.error().text.empty()) {
      std::abort();
    }
    return 0;
  }
  check_all<Welcome, Done, Failed, LeaseGiven, EvidenceKept, StatusNow>(*packet);
  check_all<Start, Stop, Recover, Use, SetTool, SetPayload, Acquire, Release, Evidence, SafeStop, ShutDown, Status>(
      *packet);
  return 0;
}
