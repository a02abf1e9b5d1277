#include "takt/transports/dds/internal/endpoint_notices.hpp"

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
    for (const LocalEnd& end : ends_) {
      tell_incompatible(discovery_.mismatches(end));
    }
  }
  if ((notices & kMatchedNotice) != 0 && source_.unservable) {
    tell_incompatible(source_.unservable());
  }
}

void EndpointNotices::tell_matched() {
  const bus::Matched now = source_.matched();
  const bool changed = now.current != last_.current || now.total != last_.total;
  last_ = now;
  if (changed && events_.on_matched) {
    events_.on_matched(now);
  }
}

void EndpointNotices::tell_incompatible(const std::vector<Mismatch>& peers) {
  for (const Mismatch& peer : peers) {
    if (events_.on_incompatible && told_.insert(peer.peer).second) {
      events_.on_incompatible(peer.reason);
    }
  }
}

}  // namespace takt::dds
