#include "takt/transports/udp/internal/link.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>

#include <fmt/format.h>

#include "takt/core/thread_names.hpp"

namespace takt::udp::internal {
namespace {

constexpr core::Nanoseconds kHerePeriod_ns = core::kNanosecondsPerSecond / 2;

UdpOptions checked(UdpOptions options) {
  if (options.max_datagram_bytes < kMinDatagramBytes || options.max_datagram_bytes > kMaxDatagramBytes) {
    throw LogicError(fmt::format("udp: max_datagram_bytes is {}; it may be {} to {}", options.max_datagram_bytes,
                                 kMinDatagramBytes, kMaxDatagramBytes));
  }
  if (options.room == 0 || options.room_bytes == 0 || options.max_message_bytes > UINT32_MAX) {
    throw LogicError(fmt::format(
        "udp: room is {}, room_bytes {} and max_message_bytes {}; what has room is above 0, and a message below 4 GiB",
        options.room, options.room_bytes, options.max_message_bytes));
  }
  if (options.reassembly_bytes < Reassembly::kEntryBytes ||
      options.max_message_bytes > options.reassembly_bytes - Reassembly::kEntryBytes) {
    throw LogicError(fmt::format(
        "udp: max_message_bytes is {} and reassembly_bytes {}: one message, and {} bytes more, must fit into "
        "what fragments may take",
        options.max_message_bytes, options.reassembly_bytes, Reassembly::kEntryBytes));
  }
  return options;
}

/// New each time: two processes, or two lives of one, are never taken for the same.
std::uint64_t random_process() {
  std::random_device random;
  return (std::uint64_t{random()} << 32U) | std::uint64_t{random()} | 1U;
}

}  // namespace

Link::Link(const UdpOptions& options)
    : options_(checked(options)),
      socket_(options_),
      peers_(socket_.fixed_peers(), options_.listens),
      process_(random_process()),
      reassembly_(options_.reassembly_bytes) {
  thread_ = std::thread([this] { receive(); });
}

Link::~Link() {
  stop_ = true;
  socket_.end_receiving();
  thread_.join();
}

bus::internal::EndpointId Link::make_id() {
  const std::array<std::uint64_t, 2> words{process_, ++last_endpoint_};
  bus::internal::EndpointId id{};
  std::memcpy(id.data(), words.data(), id.size());
  return id;
}

UdpStatistics Link::statistics() const {
  return {
      .malformed = bad_.count(), .mistyped = readers_.mistyped(), .unsent = unsent_, .peers = peers_.list()->size()};
}

Expected<void, bus::SendError> Link::publish(Writer& writer, bus::Bytes bytes) {
  const std::size_t header = header_bytes(writer.topic.name, writer.topic.type.name);
  const std::size_t fragment_bytes = options_.max_datagram_bytes - header;
  if (bytes.size() > options_.max_message_bytes || bytes.size() > fragment_bytes * kMaxFragments) {
    return Unexpected(bus::SendError::kTooLarge);
  }
  lay_out(writer, bytes, fragment_bytes);
  bool any = false;
  std::uint64_t unsent = 0;
  for (const Address& to : *peers_.list()) {
    const Socket::Sent sent = socket_.send(writer.parts, to);
    if (sent == Socket::Sent::kNothing && !any) {
      return Unexpected(bus::SendError::kWouldBlock);  // its sequence is free for the next: nobody misses it
    }
    any = any || sent == Socket::Sent::kYes || sent == Socket::Sent::kPart;
    unsent += sent == Socket::Sent::kYes ? 0 : 1;
  }
  ++writer.sequence;
  unsent_ += unsent;
  return {};
}

void Link::lay_out(Writer& writer, bus::Bytes bytes, std::size_t fragment_bytes) const {
  Datagram datagram{.kind = Kind::kData,
                    .sender = writer.id,
                    .sequence = writer.sequence + 1,
                    .source_wall_ns = static_cast<std::uint64_t>(core::wall_now_ns()),
                    .message_bytes = static_cast<std::uint32_t>(bytes.size()),
                    .fragment_bytes = static_cast<std::uint16_t>(fragment_bytes),
                    .index = 0,
                    .hash = writer.topic.type.hash,
                    .topic = writer.topic.name,
                    .type = writer.topic.type.name,
                    .payload = {}};
  const std::size_t count = datagram.fragments();
  const std::size_t header = header_bytes(datagram.topic, datagram.type);
  writer.headers.clear();
  writer.headers.reserve(count * header);  // what points into it stays
  writer.parts.clear();
  for (std::size_t i = 0; i < count; ++i) {
    datagram.index = static_cast<std::uint16_t>(i);
    write_header(datagram, writer.headers);
    const std::size_t begin = i * fragment_bytes;
    const bus::Bytes payload = bytes.subspan(begin, std::min(fragment_bytes, bytes.size() - begin));
    writer.parts.push_back({.iov_base = writer.headers.data() + i * header, .iov_len = header});
    writer.parts.push_back({.iov_base = const_cast<std::byte*>(payload.data()), .iov_len = payload.size()});
  }
}

void Link::send_here() {
  if (options_.listens || socket_.is_group()) {
    return;
  }
  Datagram here;
  here.kind = Kind::kHere;
  std::memcpy(here.sender.data(), &process_, sizeof(process_));
  std::vector<std::byte> bytes;
  write_header(here, bytes);
  for (const Address& to : socket_.fixed_peers()) {
    std::array<iovec, 2> parts{{{.iov_base = bytes.data(), .iov_len = bytes.size()}, {}}};
    static_cast<void>(socket_.send(parts, to));  // there is a next time
  }
}

void Link::receive() {
  core::set_current_thread_name("udp.recv");
  core::Nanoseconds next_here_ns = 0;
  while (!stop_) {
    const core::Nanoseconds now_ns = core::monotonic_now_ns();
    if (now_ns >= next_here_ns) {
      send_here();
      peers_.forget_silent(now_ns);
      next_here_ns = now_ns + kHerePeriod_ns;
    }
    socket_.receive([this](bus::Bytes bytes, const Address& from) { on_datagram(bytes, from); });
  }
}

void Link::on_datagram(bus::Bytes bytes, const Address& from) {
  const auto datagram = read_datagram(bytes);
  if (!datagram) {
    bad_.note(text_of(datagram.error()), text_of(from));
    return;
  }
  if (std::memcmp(datagram->sender.data(), &process_, sizeof(process_)) == 0) {
    return;  // a group hears itself
  }
  peers_.heard(from, core::monotonic_now_ns());
  if (datagram->kind != Kind::kData) {
    return;
  }
  if (datagram->message_bytes > options_.max_message_bytes) {
    bad_.note("a message larger than max_message_bytes", text_of(from));
    return;
  }
  on_fragment(*datagram, from);
}

void Link::on_fragment(const Datagram& datagram, const Address& from) {
  readers_.find(datagram, from, found_);
  if (found_.empty()) {
    return;
  }
  if (auto whole = reassembly_.add(datagram)) {
    deliver(datagram, std::move(*whole));
  }
  found_.clear();
}

void Link::deliver(const Datagram& datagram, std::vector<std::byte> whole) {
  const Message message{.bytes = std::make_shared<const std::vector<std::byte>>(std::move(whole)),
                        .info = {.received_ns = core::monotonic_now_ns(),
                                 .source_wall_ns = static_cast<core::Nanoseconds>(datagram.source_wall_ns),
                                 .sender = datagram.sender,
                                 .sequence = datagram.sequence}};
  for (const std::shared_ptr<Reader>& reader : found_) {
    const auto missing = reader->heard.advance(datagram.sender, datagram.sequence);
    if (!missing) {
      continue;  // overtaken, or twice
    }
    reader->inbox.add_lost(*missing);
    if (reader->inbox.push(message, message.bytes->size())) {
      reader->gate.post_data();
      reader->gate.run();
    }
  }
}

}  // namespace takt::udp::internal
