#include "takt/transports/dds/internal/subscription.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "takt/core/log.hpp"
#include "takt/transports/dds/internal/qos.hpp"
#include "takt/transports/dds/internal/user_data.hpp"

namespace takt::dds {
namespace {

/// Senders that are remembered; when they are more, those that have gone are among them.
constexpr std::size_t kMaxSenders = 1000;

std::string title_of(const bus::TopicEndpoint& topic) {
  return fmt::format("'{}': the subscription of {}", topic.name, topic.node.empty() ? "this process" : topic.node);
}

}  // namespace

std::optional<Senders::Accepted> Senders::accept(dds_entity_t reader, const Sample& sample,
                                                 const dds_sample_info_t& info) {
  Sender& sender = sender_of(reader, info.publication_handle);
  if (!may_be_same(type_, sender.hash)) {
    return std::nullopt;
  }
  const std::int64_t sequence = sample.header.sequence;
  const bool gap = sender.sequence != 0 && sequence > sender.sequence + 1;
  Accepted accepted{.info = {.received_ns = sample.received_ns,
                             .source_wall_ns = info.source_timestamp,
                             .sender = sender.guid,
                             .sequence = static_cast<std::uint64_t>(sequence)},
                    .expires_ns = sender.lifespan_ns == 0 ? 0 : sample.received_ns + sender.lifespan_ns,
                    .missed = gap ? static_cast<std::uint64_t>(sequence - sender.sequence - 1) : 0};
  sender.sequence = std::max(sender.sequence, sequence);
  return accepted;
}

Senders::Sender& Senders::sender_of(dds_entity_t reader, dds_instance_handle_t writer) {
  const auto known = senders_.find(writer);
  if (known != senders_.end()) {
    return known->second;
  }
  dds_builtintopic_endpoint_t* const found = dds_get_matched_publication_data(reader, writer);
  if (found == nullptr) {  // it has gone
    return unknown_ = {};
  }
  if (senders_.size() >= kMaxSenders) {
    senders_.clear();
  }
  Sender fresh;
  std::ranges::copy(found->key.v, fresh.guid.begin());
  // One that was out of reach comes back under another handle; what it said meanwhile is missed like any other message.
  const auto before = std::ranges::find_if(senders_, [&](const auto& one) { return one.second.guid == fresh.guid; });
  if (before != senders_.end()) {
    fresh.sequence = before->second.sequence;
    senders_.erase(before);
  }
  Sender& sender = senders_[writer] = fresh;
  sender.hash = type_hash_in(announced_user_data(found->qos));
  sender.lifespan_ns = announced_qos(found->qos).lifespan_ns.value_or(0);
  dds_builtintopic_free_endpoint(found);
  return sender;
}

DdsSubscription::DdsSubscription(const Surroundings& around, const bus::TopicEndpoint& topic,
                                 bus::EndpointEvents events)
    : title_(title_of(topic)),
      depth_(topic.qos.depth),
      patience_(around.keep_all_patience_ns),
      senders_(topic.type.hash),
      notices_(around, std::move(events), {.matched = [this] { return matched(); }, .writable = {}, .unservable = {}}),
      reader_(around.participant, dds_names(around, topic).topic, dds_names(around, topic).type,
              reader_qos(topic.qos, type_hash_entry(topic.type.hash), around.keep_all_samples).get(), raw_events()),
      announcement_(std::in_place, around, topic.node, Ends{.readers = {reader_.guid()}, .writers = {}}) {
  if (depth_ != 0) {
    collect();  // what came while the reader could not be used yet
  }
  notices_.open({local_end(around, topic, false)});
}

void DdsSubscription::close() {
  notices_.stop();
  reader_.close();
  announcement_.reset();
}

RawEvents DdsSubscription::raw_events() {
  RawEvents events = notices_.raw_events(true);
  if (depth_ != 0) {
    events.data = [this] { collect(); };
  } else {
    events.full = [this] { on_full(); };
  }
  return events;
}

void DdsSubscription::collect() {
  bool tell = false;
  {
    const std::lock_guard lock(mutex_);
    (void)reader_.take([&](const Sample& sample, const dds_sample_info_t& info) {
      if (auto accepted = senders_.accept(reader_.entity(), sample, info)) {
        std::uint64_t lost = accepted->missed;
        if (held_.size() == depth_) {
          held_.pop_front();
          ++lost;
        }
        lost_.fetch_add(lost, std::memory_order_relaxed);
        held_.push_back({.sample = share(sample), .as = *accepted});
        tell = tell || !std::exchange(told_, true);
      }
      return false;
    });
  }
  if (tell) {
    notices_.data();
  }
}

std::optional<DdsSubscription::Held> DdsSubscription::next_held() {
  const std::lock_guard lock(mutex_);
  while (!held_.empty()) {
    Held next = std::move(held_.front());
    held_.pop_front();
    if (next.as.expires_ns == 0 || next.as.expires_ns > core::monotonic_now_ns()) {
      return next;
    }
  }
  told_ = false;
  return std::nullopt;
}

bool DdsSubscription::take(const bus::OnMessage& visit) {
  const std::optional<Held> next = depth_ == 0 ? next_of_reader() : next_held();
  if (next) {
    visit(next->sample->bytes(), next->as.info);
  }
  return next.has_value();
}

std::optional<DdsSubscription::Held> DdsSubscription::next_of_reader() {
  const std::lock_guard lock(mutex_);
  std::optional<Held> next;
  (void)reader_.take([&](const Sample& sample, const dds_sample_info_t& info) {
    if (const auto accepted = senders_.accept(reader_.entity(), sample, info)) {
      lost_.fetch_add(accepted->missed, std::memory_order_relaxed);
      next.emplace(Held{.sample = share(sample), .as = *accepted});
    }
    return next.has_value();
  });
  if (next) {
    patience_.on_read();
  } else {
    patience_.on_empty();
  }
  return next;
}

/// On the thread that receives, which waits until there is room, and everybody with it.
void DdsSubscription::on_full() {
  bool warn = false;
  {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) {
      return;  // it is being read just now
    }
    warn = !std::exchange(warned_, true);
    if (patience_.is_over(core::monotonic_now_ns())) {
      reader_.drop_oldest([&](const Sample& sample, const dds_sample_info_t& info) {
        const auto accepted = senders_.accept(reader_.entity(), sample, info);
        lost_.fetch_add(accepted ? accepted->missed + 1 : 0, std::memory_order_relaxed);
      });
    }
  }
  if (warn) {
    core::log(
        core::LogLevel::kWarning,
        fmt::format("dds: {} keeps all and is full: until it is read, all else on this transport waits, and after "
                    "{} ms its oldest are lost; read it faster, or give it a depth",
                    title_, patience_.longest_ns() / 1'000'000));
  }
}

}  // namespace takt::dds
