#include "bell_loop.hpp"

namespace takt::bench {
namespace {

async::Task<void> make(std::optional<async::Doorbell>* bell) {
  bell->emplace("bench");
  co_return;
}

async::Task<void> answer(async::Doorbell* bell, const std::function<bool()>* woken) {
  do {
    co_await *bell;
  } while ((*woken)());
}

}  // namespace

BellLoop::BellLoop() {
  loop_.run(make(&bell_));
}

BellLoop::~BellLoop() = default;

void BellLoop::wait_while(const std::function<bool()>& woken) {
  loop_.run(answer(&*bell_, &woken));
}

void BellLoop::ring() {
  bell_->ring();
}

}  // namespace takt::bench
