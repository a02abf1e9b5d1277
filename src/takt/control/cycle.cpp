#include "takt/control/cycle.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "takt/core/error.hpp"

namespace takt::control {
namespace {

constexpr std::size_t kMaxThreadName = 15;

template <class T>
std::unique_ptr<T> required(std::unique_ptr<T> part, const char* what) {
  if (part == nullptr) {
    throw LogicError("Cycle: there is no " + std::string(what));
  }
  return part;
}

}  // namespace

Cycle::Cycle(std::unique_ptr<Arm> arm, std::unique_ptr<Law> law, Model model, CycleOptions options,
             const CyclePorts& ports)
    : arm_(required(std::move(arm), "arm")),
      law_(required(std::move(law), "law")),
      model_(std::move(model)),
      options_(options),
      loop_(*arm_, *law_, model_, options_, ports) {}

Cycle::~Cycle() {
  stop();
}

void Cycle::start() {
  const std::scoped_lock lock(lifecycle_);
  if (thread_ == nullptr) {
    loop_.forget_requests();
  }
  start_locked();
}

void Cycle::start_locked() {
  const std::string name(arm_->name());
  if (thread_ != nullptr) {
    throw LogicError("Cycle of " + name + ": started twice");
  }
  if (const FaultReport latched = loop_.fault(); latched.fault != Fault::kNone) {
    throw DeviceError(name + " has a fault, recover it first: " + describe(latched));
  }
  loop_.prepare();
  if (const Outcome outcome = arm_->start(); outcome != Outcome::kOk) {
    arm_->stop();
    throw DeviceError(name + " did not start: " + std::string(to_text(outcome)));
  }
  try {
    if (options_.low_wake_latency) {
      awake_.emplace();
    }
    thread_ = std::make_unique<realtime::RealtimeThread>(
        realtime::ThreadOptions{.name = ("rt." + name).substr(0, kMaxThreadName),
                                .fifo_priority = options_.fifo_priority,
                                .cpu = options_.cpu,
                                .lock_memory = options_.lock_memory},
        [&loop = loop_](const std::stop_token& stop) {  // it ends by request_stop(), with its brakes on
          const std::stop_callback asked(stop, [&loop]() noexcept { loop.request_stop(); });
          while (loop.run_once()) {
          }
        });
  } catch (...) {
    awake_.reset();
    arm_->stop();
    loop_.show_stopped();
    throw;
  }
  while (loop_.mode() == CycleMode::kStopped) {  // each wait of the arm is bounded, and so is this
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  thread_report_.store(thread_->report());
  try {
    watch_host();
  } catch (...) {
    stop_locked();
    throw;
  }
  if (const FaultReport found = loop_.fault(); found.fault != Fault::kNone) {
    stop_locked();
    throw DeviceError(name + " did not start: " + describe(found));
  }
}

void Cycle::watch_host() {
  if (options_.sentinel) {
    const int cpu = options_.cpu.value_or(realtime::cpu_of_thread(thread_->report().thread_id).value_or(0));
    constexpr int kHighestFifo = 99;
    const int priority = std::min(options_.fifo_priority.value_or(0) + 5, kHighestFifo);
    sentinel_ =
        std::make_unique<realtime::Sentinel>(loop_.stalls(), cpu, realtime::SentinelOptions{.fifo_priority = priority});
    host_watched_.store(sentinel_->useful(), std::memory_order_release);
  }
}

void Cycle::stop() noexcept {
  const std::scoped_lock lock(lifecycle_);
  stop_locked();
}

void Cycle::stop_locked() noexcept {
  if (thread_ == nullptr) {
    return;
  }
  loop_.request_stop();
  thread_->join();
  thread_.reset();
  sentinel_.reset();
  host_watched_.store(false, std::memory_order_release);
  arm_->stop();
  awake_.reset();
  loop_.show_stopped();
}

void Cycle::recover() {
  const std::scoped_lock lock(lifecycle_);
  loop_.forget_requests();
  stop_locked();
  if (const Outcome outcome = arm_->recover(); outcome != Outcome::kOk) {
    throw DeviceError(std::string(arm_->name()) + " cannot be recovered: " + std::string(to_text(outcome)));
  }
  loop_.clear_fault();
  start_locked();
}

void Cycle::use(std::unique_ptr<Law> law) {
  loop_.use(required(std::move(law), "law"));
}

void Cycle::set_model(const Model& model) {
  if (model.dof() != dof()) {
    throw LogicError("Cycle of " + std::string(arm_->name()) + ": a model with " + std::to_string(model.dof()) +
                     " joints for an arm with " + std::to_string(dof()));
  }
  loop_.set_model(std::make_unique<Model>(model));
}

CycleStats Cycle::stats() const noexcept {
  CycleStats stats = loop_.stats();
  stats.thread = thread_report_.load().value_or(realtime::ThreadReport{});
  stats.host_watched = host_watched_.load(std::memory_order_acquire);
  return stats;
}

std::vector<CycleState> Cycle::evidence() const {
  const std::scoped_lock lock(lifecycle_);
  return loop_.evidence();
}

}  // namespace takt::control
