#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "takt/async/tasks/mutex.hpp"
#include "takt/control/arm.hpp"
#include "takt/control/cycle.hpp"
#include "takt/control/laws/custom_law.hpp"
#include "takt/controller/arm_controller.hpp"
#include "takt/controller/internal/pacer.hpp"
#include "takt/controller/internal/snapshot.hpp"
#include "takt/controller/internal/target_check.hpp"

namespace takt::controller {

namespace internal {
class EvidenceKeeper;
struct Goal;
}  // namespace internal

/// A cycle whose commander may die: hold, halt, and after two seconds more a safe stop.
[[nodiscard]] control::CycleOptions default_cycle() noexcept;

/// How a controller behaves.
struct ControllerOptions {
  control::LawSettings law{control::JointImpedance{}};  ///< until use()
  control::CycleOptions cycle{default_cycle()};         ///< budgets, guards, freshness, scheduling
  Duration valid_for{std::chrono::milliseconds(200)};   ///< of targets that do not say themselves

  core::Pose X_FE{core::Pose::Identity()};          ///< tool centre point, until set_tool()
  std::optional<control::LinkInertia> payload_F{};  ///< until set_payload()

  std::filesystem::path evidence_folder{};  ///< each fault leaves a file there; empty: none (docs/formats/evidence.md)

  /// For a process that serves others: mailboxes in shared memory, and the lease that says who may command. What is
  /// missing is the cycle's own; without a lease nobody is asked for one. All outlive the controller.
  control::CyclePorts ports{};
};

/// An arm and its cycle in this process.
///
///   Controller controller(co_await connect("sim:fr3"));
///
/// start, stop and recover block other threads, of the offload pool, and not the loop; requests take turns. `set` and
/// `play` work on the caller's stack: a check against model and limits, then a store; no lock, no wait. Beside set_tool
/// and set_payload they see the model of before or after, whole (internal/snapshot.hpp); only `model()` belongs to the
/// loop's thread.
///
/// A resource, made and destroyed on its loop's thread. Destruction stops the arm, and blocks for as long as that
/// takes: await stop() first.
///
/// Each fault is saved once, with its evidence, as soon as that is complete (the arm has come to its stop) and the
/// controller comes to know of it: in any request, in a set or play that is refused, in pace, in save_evidence and, at
/// last, in the destructor. Who writes is a thread of the offload pool; only stop, recover and evidence wait for it.
class Controller final : public ArmController {
 public:
  /// @throws ConfigError naming the field of a law; LogicError for a missing arm, or options and limits that make no
  /// sense.
  explicit Controller(std::unique_ptr<control::Arm> arm, ControllerOptions options = {});
  ~Controller() override;
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  [[nodiscard]] async::Task<void> start() override;
  [[nodiscard]] async::Task<void> stop() override;
  [[nodiscard]] async::Task<void> recover() override;

  using ArmController::move;
  [[nodiscard]] async::Task<void> move(Target target, MoveOptions options) override;
  [[nodiscard]] async::Task<void> use(control::LawSettings law) override;
  /// A law of one's own (custom_law.hpp).
  template <control::CustomLaw L>
  [[nodiscard]] async::Task<void> use(L law) {
    return use_law(control::make_custom_law(std::move(law)));
  }
  [[nodiscard]] async::Task<void> set_tool(core::Pose X_FE) override;
  [[nodiscard]] async::Task<void> set_payload(control::LinkInertia payload_F) override;

  using ArmController::set;
  void set(const Target& target, TargetOptions options) override;
  using ArmController::play;
  void play(const ActionChunk& chunk, TargetOptions options) override;
  void halt() noexcept override { cycle_.halt(); }
  void safe_stop() noexcept override { cycle_.safe_stop(); }

  [[nodiscard]] control::CycleState state() const override;
  [[nodiscard]] control::CycleStats stats() const override { return cycle_.stats(); }
  [[nodiscard]] control::FaultReport fault() const override { return cycle_.fault(); }
  [[nodiscard]] async::Task<std::vector<control::CycleState>> evidence() override;
  [[nodiscard]] const control::Model& model() const noexcept override { return model_; }
  [[nodiscard]] const std::string& name() const noexcept override { return name_; }

  [[nodiscard]] async::Every::Waiter pace(Frequency frequency) override;
  [[nodiscard]] std::uint64_t overruns() const noexcept override { return pacer_.overruns(); }

  /// Commands carry this epoch of the lease from now on. Any thread.
  void command_as(control::LeaseEpoch epoch) noexcept { epoch_.store(epoch, std::memory_order_release); }

  /// Begins to save the evidence of a fault that has none yet, and returns at once; true when it did. For who neither
  /// paces nor asks for anything, as a server between its clients: once in a while. Any thread.
  bool save_evidence() const noexcept;

  /// Commands come from this port from the next cycle on, and from no other; the one before is in use until
  /// commands_taken(). Both outlive the controller, or until then. Loop thread only.
  void use_commands(control::CommandPort& port) noexcept { cycle_.use_commands(port); }
  [[nodiscard]] bool commands_taken() const noexcept { return cycle_.commands_taken(); }

  /// The cycle neither runs nor is about to. Loop thread only.
  [[nodiscard]] bool is_idle() const { return cycle_.mode() == control::CycleMode::kStopped && !requests_.locked(); }

  /// What targets are held against, for a server's clients.
  [[nodiscard]] const internal::TargetBounds& bounds() const noexcept { return bounds_; }

 private:
  [[nodiscard]] async::Task<void> begin(bool recovering);
  [[nodiscard]] async::Task<void> end();
  [[nodiscard]] async::Task<void> use_law(std::unique_ptr<control::Law> law);
  [[nodiscard]] async::Task<void> believe(control::Model model);
  [[nodiscard]] async::Task<void> taken_up();
  void require_ready() const;
  void require_lease() const;
  [[nodiscard]] core::Nanoseconds now_ns() const noexcept;
  [[nodiscard]] internal::Moment moment(const control::CycleState& state) const noexcept;
  void submit(const control::Command& command);
  [[nodiscard]] internal::Goal submit_move(const Target& target, const MoveOptions& options);

  std::string name_;
  ControllerOptions options_;
  control::Model model_;  ///< the loop's
  control::Cycle cycle_;
  internal::TargetBounds bounds_;
  internal::Snapshot<internal::TargetCheck> check_;  ///< everybody's
  async::Mutex requests_{"requests to an arm"};
  internal::Pacer pacer_;
  std::atomic<control::LeaseEpoch> epoch_{0};
  std::unique_ptr<internal::EvidenceKeeper> evidence_;  ///< of cycle_
};

}  // namespace takt::controller
