// What a link does with frames of strangers, without its socket: any sequence of announcements, withdrawals, messages,
// grants and receipts of three processes, between messages of our own. Whatever they say, directory, lanes and receipts
// stay as docs/formats/zmq.md has them: nothing goes beyond what was granted, nothing is taken twice, nobody is left
// who has gone.
//
// Input, again and again: one byte, and
//   below 0x80   of process 3, 5 or 7: a header, two bytes for how many follow, and these, its payload
//   0x80 … 0xdf  one of our endpoints takes what it got, and says something large
//   0xe0 … 0xef  one says a thousand things, small
//   0xf0 …       a process has gone

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "takt/bus/wire.hpp"
#include "takt/transports/zmq/fuzz/session_model.hpp"
#include "takt/transports/zmq/internal/directory.hpp"
#include "takt/transports/zmq/internal/header.hpp"

namespace takt::zmq::internal {
namespace {

constexpr std::uint64_t kHere = 1;
constexpr std::array<std::uint64_t, 3> kThere = {3, 5, 7};
constexpr std::size_t kQueue = 8;
constexpr std::size_t kLargeBytes = 64UL << 10U;  // a megabyte is soon on the way

class Session {
 public:
  Session() {
    add(Kind::kPublisher, "/all", 0);
    add(Kind::kPublisher, "/last", 2);
    add(Kind::kSubscription, "/all", 0);
    add(Kind::kSubscription, "/last", 2);
    add(Kind::kClient, "/ask", 0);
    add(Kind::kServer, "/ask", 0);
  }

  void play(bus::Bytes bytes) {
    bus::WireReader input(bytes);
    while (!input.rest().empty()) {
      const auto what = input.number<std::uint8_t>();
      if (what >= 0xf0) {
        forget(kThere[what % kThere.size()]);
      } else if (what >= 0x80) {
        const bool large = what < 0xe0;
        for (int i = large ? 1 : 1000; i > 0; --i) {
          say(*locals_[what % locals_.size()], large ? kLargeBytes : 1);
        }
      } else {
        const bus::Bytes header = input.bytes(std::min(kHeaderBytes, input.rest().size()));
        const std::size_t count = input.number<std::uint16_t>();
        hear(kThere[what % kThere.size()], header, input.bytes(std::min(count, input.rest().size())));
      }
      check();
    }
  }

 private:
  void add(Kind kind, const std::string& name, std::uint32_t depth) {
    Announcement made;
    made.kind = kind;
    made.id = make_id(kHere, locals_.size() + 1);
    made.qos.depth = depth;
    made.name = name;
    made.type.name = "t";
    made.reply.name = kind == Kind::kClient || kind == Kind::kServer ? "r" : "";
    locals_.push_back(std::make_shared<Local>(made, bus::EndpointEvents{}, kQueue));
    Changes changes;
    directory_.add(locals_.back(), changes);
  }

  void forget(std::uint64_t process) {
    Changes changes;
    directory_.forget_process(process, changes);
    note(changes);
    traffic_.erase(process);
    require(directory_.count_of(process) == 0);
  }

  void note(const Changes& changes) {
    for (const auto& [local, id] : changes.unmatched) {
      local->lanes.erase(id);
      local->receptions.erase(id);
      models_.erase({local->is.id, id});
    }
    for (const auto& [local, remote] : changes.matched) {
      require(belong_together(local->is, remote) && !find_mismatch(local->is, remote));
      if (local->is.kind != Kind::kPublisher) {
        Reception& reception = local->receptions.insert_or_assign(remote.id, Reception(local->is.window)).first->second;
        static_cast<void>(reception.regrant(local->window));
      }
      if (local->is.kind != Kind::kSubscription) {
        const bool keeps_all = local->is.kind != Kind::kPublisher || remote.qos.depth == 0;
        const Lane::Rule rule{
            .room = keeps_all ? kQueue : remote.qos.depth, .presses_back = keeps_all, .window = remote.window};
        local->lanes.insert_or_assign(remote.id, Lane(rule));
        models_[{local->is.id, remote.id}] = LaneModel(remote.window);
      }
    }
  }

  /// Before it does, it takes what it got.
  void say(Local& local, std::size_t bytes) {
    for (auto& [sender, reception] : local.receptions) {
      const std::uint64_t granted = reception.granted();
      static_cast<void>(reception.regrant(local.window));
      require(reception.granted() >= granted && reception.granted() - reception.received() <= local.window);
    }
    ++local.sequence;
    const std::vector<std::byte> said(bytes);
    ++clock_;
    for (auto& [reader, lane] : local.lanes) {
      if (!lane.is_full() && !lane.pack(local.sequence, clock_, said)) {
        lane.push({.sequence = local.sequence, .source_wall_ns = clock_, .payload = ::zmq::message_t(bytes)});
      }
      pump(local, reader, lane, local.sequence % 3 != 0);
    }
  }

  void pump(const Local& local, const EndpointId& reader, Lane& lane, bool now) {
    LaneModel& model = models_.at({local.is.id, reader});
    Traffic& traffic = traffic_[process_of(reader)];
    for (auto due = lane.pack(); due != Lane::Due::kNothing; due = lane.pack()) {
      if ((due == Lane::Due::kMore && !now) || !traffic.departures.may_send()) {
        break;
      }
      if (due == Lane::Due::kSingle) {
        const Outgoing single = lane.next();
        model.send(single.sequence, 1, single.payload.size());
        traffic.send(single.payload.size(), single.source_wall_ns);
      } else {
        std::vector<Packed> unpacked;
        require(read_parcel(lane.parcel().bytes(), unpacked) && unpacked.size() == lane.parcel().count());
        model.send(lane.parcel().sequence(), unpacked.size(), lane.parcel().message_bytes());
        traffic.send(lane.parcel().bytes().size(), lane.parcel().clock());
        lane.empty_parcel();
      }
      require(lane.position() == model.sent);
    }
    require(lane.position() == model.sent + lane.parcel().count() && lane.position() <= model.granted);
    require(lane.parcel().is_empty() || model.bytes < kMaxBytesOfAllOnTheWay);
  }

  void hear(std::uint64_t process, bus::Bytes frame, bus::Bytes payload) {
    const auto header = read_header(frame);
    if (!header) {
      return;
    }
    switch (header->kind) {
      case Header::Kind::kAnnounce:
        learn(process, payload);
        return;
      case Header::Kind::kWithdraw: {
        Changes changes;
        directory_.forget(make_id(process, header->from), changes);
        note(changes);
        return;
      }
      case Header::Kind::kGrant:
        grant(make_id(process, header->from), *header);
        return;
      case Header::Kind::kReceipt:
        traffic_[process].confirm(*header);
        return;
      case Header::Kind::kData:
      case Header::Kind::kRequest:
      case Header::Kind::kReply:
      case Header::Kind::kParcel:
        receive(make_id(process, header->from), *header, payload);
        return;
      default:
        return;
    }
  }

  void learn(std::uint64_t process, bus::Bytes payload) {
    const auto announcement = read_announcement(payload, process);
    Changes changes;
    if (announcement) {
      require(process_of(announcement->id) == process);
      require(directory_.learn(*announcement, changes) || directory_.count_of(process) >= Directory::kMaxOfProcess);
    }
    note(changes);
  }

  void grant(const EndpointId& reader, const Header& header) {
    const std::shared_ptr<Local> local = directory_.local(make_id(kHere, header.to));
    const auto lane = local ? local->lanes.find(reader) : decltype(local->lanes.end()){};
    if (!local || lane == local->lanes.end()) {
      return;
    }
    models_.at({local->is.id, reader}).grant(header.position, header.sequence, lane->second.position());
    lane->second.grant(header.position, header.sequence);
    pump(*local, reader, lane->second, true);
  }

  void receive(const EndpointId& sender, const Header& header, bus::Bytes payload) {
    Arrivals& arrivals = traffic_[process_of(sender)].arrivals;
    const std::uint64_t proof = arrivals.proof() + header.source_wall_ns;
    static_cast<void>(arrivals.receive(payload.size(), header.source_wall_ns));
    require(arrivals.proof() == proof);
    const std::shared_ptr<Local> local = directory_.local(make_id(kHere, header.to));
    const auto found = local ? local->receptions.find(sender) : decltype(local->receptions.end()){};
    if (!local || found == local->receptions.end()) {
      return;
    }
    std::vector<Packed> unpacked(1, {.bytes = payload, .later_ns = 0});
    if (header.kind == Header::Kind::kParcel && !read_parcel(payload, unpacked)) {
      return;
    }
    Reception& reception = found->second;
    const std::uint64_t before = reception.received();
    const std::uint64_t granted = reception.granted();
    std::size_t bytes = 0;
    for (const Packed& one : unpacked) {
      bytes += one.bytes.size();
    }
    const bool taken = reception.receive(header.position, unpacked.size(), bytes);
    require(!taken || (header.position == before + 1 && before + unpacked.size() <= granted));
    require(reception.received() == before + (taken ? unpacked.size() : 0));
    if (taken && local->is.kind == Kind::kSubscription) {
      static_cast<void>(local->heard.advance(sender, header.sequence));
      const auto before_last = local->heard.advance(sender, header.sequence + unpacked.size() - 1);
      require(!before_last || *before_last < unpacked.size());
    }
  }

  /// All lead to somebody who is there, and who is there is counted.
  void check() const {
    const bus::Graph graph = directory_.graph();
    std::size_t remote = 0;
    for (const std::uint64_t process : kThere) {
      remote += directory_.count_of(process);
    }
    require(graph.endpoints.size() + graph.nodes.size() == remote + locals_.size());
    for (const std::shared_ptr<Local>& local : locals_) {
      const auto is_matched = [&](const auto& entry) { return std::ranges::count(local->matched, entry.first) == 1; };
      require(std::ranges::all_of(local->lanes, is_matched) && std::ranges::all_of(local->receptions, is_matched));
      require(local->lanes.size() == (local->is.kind == Kind::kSubscription ? 0 : local->matched.size()));
      require(local->receptions.size() == (local->is.kind == Kind::kPublisher ? 0 : local->matched.size()));
      require(local->total_matched >= local->matched.size());
    }
  }

  Directory directory_{kHere};
  std::vector<std::shared_ptr<Local>> locals_;
  std::map<std::pair<EndpointId, EndpointId>, LaneModel> models_;
  std::map<std::uint64_t, Traffic> traffic_;
  std::uint64_t clock_{0};
};

}  // namespace
}  // namespace takt::zmq::internal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  takt::zmq::internal::Session().play(std::as_bytes(std::span(data, size)));
  return 0;
}
