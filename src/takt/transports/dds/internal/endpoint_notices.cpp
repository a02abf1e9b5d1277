#include "takt/transports/dds/internal/endpoint_notices.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace takt::dds {

EndpointNotices::EndpointNotices(const Surroundings& around, bus::EndpointEvents events, Source source)
    : discovery_(around.discovery),
      events_(std::move(events)),
      source_(std::move(source)),
      notices_(std::make_shared<Notices>(around.events, [this](std::uint32_t notices) { tell(notices); })) {}

void EndpointNotices::open(std::vector<LocalEnd> ends) {
  ends_ = std::move(ends);
  if (events_.on_incompatible) {
    for (const LocalEnd& end : ends_) {
      discovery_.notify(end.topic, notices_);
    }
  }
  notices_->open();
}

RawEvents EndpointNotices::raw_events(bool with_data) {
  RawEvents events{.data = {},
                   .matched =
                       [this] {
                         if (events_.matches) {
                           events_.matches->fetch_add(1, std::memory_order_release);
                         }
                         post(kMatchedNotice | kWritableNotice);
                       },
                   .deadline = [this] { post(kDeadlineNotice); }};
  if (with_data) {
    events.data = [this] { notices_->data(); };
  }
  return events;
}

void EndpointNotices::call(const std::function<void()>& event) {
  if (event) {
    event();
  }
}

void EndpointNotices::tell(std::uint32_t notices) {
  if ((notices & kDataNotice) != 0) {
    call(events_.on_data);
  }
  if ((notices & kMatchedNotice) != 0) {
    tell_matched();
  }
  if ((notices & kWritableNotice) != 0 && source_.writable && source_.writable()) {
    call(events_.on_writable);
  }
  if ((notices & kDeadlineNotice) != 0) {
    call(events_.on_deadline_missed);
  }
  if ((notices & kPeersNotice) != 0) {
    std::vector<Mismatch> mismatched;
    for (const LocalEnd& end : ends_) {
      std::ranges::move(discovery_.mismatches(end), std::back_inserter(mismatched));
    }
    tell_incompatible(mismatched, told_mismatched_);
  }
  if ((notices & kMatchedNotice) != 0 && source_.unservable) {
    tell_incompatible(source_.unservable(), told_unservable_);
  }
}

void EndpointNotices::tell_matched() {
  const bus::Matched now = source_.matched();
  const std::int64_t lost_before = source_.lost_before ? source_.lost_before() : 0;
  const bool changed = now.current != last_.current || now.total != last_.total || lost_before != last_lost_before_;
  last_ = now;
  last_lost_before_ = lost_before;
  if (changed && events_.on_matched) {
    events_.on_matched(now);
  }
}

void EndpointNotices::tell_incompatible(const std::vector<Mismatch>& peers, std::set<Guid>& told) const {
  std::set<Guid> there;  // who has gone is forgotten
  for (const Mismatch& peer : peers) {
    there.insert(peer.peer);
    if (events_.on_incompatible && !told.contains(peer.peer)) {
      events_.on_incompatible(peer.reason);
    }
  }
  told = std::move(there);
}

}  // namespace takt::dds
