#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "takt/async/tasks/event.hpp"
#include "takt/async/tasks/mutex.hpp"
#include "takt/control/arm.hpp"
#include "takt/control/lease.hpp"
#include "takt/controller/controller.hpp"
#include "takt/controller/internal/packet_socket.hpp"
#include "takt/controller/internal/segments.hpp"
#include "takt/controller/internal/wire.hpp"
#include "takt/core/shared_memory.hpp"

namespace takt::controller::internal {

/// What all clients of one server share: the controller, the lease, and the memory that they map. Loop thread only.
class ArmHost {
 public:
  /// @throws as Controller's constructor, and SystemError for the memory.
  ArmHost(std::string name, std::unique_ptr<control::Arm> arm, ControllerOptions options);
  ArmHost(const ArmHost&) = delete;
  ArmHost& operator=(const ArmHost&) = delete;

  [[nodiscard]] Controller& controller() noexcept { return *controller_; }
  [[nodiscard]] Welcome welcome() const;

  /// Read-only; valid as long as the host.
  [[nodiscard]] int state_descriptor() const noexcept { return state_reader_.get(); }
  /// Of the present commander's term.
  [[nodiscard]] int command_descriptor() const noexcept {
    return (offered_.empty() ? used_ : offered_.back()).descriptor();
  }

  /// Gives the lease, and halts what was commanded under the one before. @param own  the asking client's epoch, or 0:
  /// who has the lease already begins a new term. @throws NotCommanderError naming who has it, LogicError for no name,
  /// DeviceError; then nothing changes.
  [[nodiscard]] control::LeaseEpoch acquire(std::string_view holder, bool take_over, control::LeaseEpoch own);

  /// Takes it back and halts the arm; nothing happens when the lease is another's by now.
  void release(control::LeaseEpoch epoch);

  /// The cycle listens to the present term, or does not run: what is commanded from now on is followed.
  [[nodiscard]] bool listens() const;

  /// Nobody commands any more, and nobody will: the server ends.
  void close();

  [[nodiscard]] bool is_commander(control::LeaseEpoch epoch) const;
  /// @throws NotCommanderError naming who has the lease, unless it is of that epoch.
  void require_commander(control::LeaseEpoch epoch) const;

  /// Held by whoever asks the controller for what takes time: so a request that waits is still the host's to refuse.
  async::Mutex turns{"requests of clients"};

  /// The evidence, as memory that can only be read; none: empty. The same memory as long as the evidence is the same:
  /// whoever asks again and again costs no more.
  struct EvidenceMemory {
    int descriptor{-1};  ///< the host's
    std::size_t cycles{0};
  };
  [[nodiscard]] EvidenceMemory keep(const std::vector<control::CycleState>& cycles);

  /// Statistics, into the memory that clients read; and a fault's evidence into its file, once that is complete.
  void refresh();

  /// Set when the server is to end; the arm is stopped then.
  async::Event shut_down{"shut down"};

  // For the status.
  std::uint32_t clients{0};
  std::uint64_t refused_clients{0};

 private:
  void listen_to(core::SharedMemory commands);
  void show_commander();
  [[noreturn]] void refuse(control::LeaseError error) const;

  std::string name_;
  bool closed_{false};
  core::Nanoseconds valid_for_ns_;
  core::SharedMemory state_memory_;
  // One command memory per term, the present one last: who commanded before writes into nothing.
  core::SharedMemory used_;                 ///< by the cycle
  std::deque<core::SharedMemory> offered_;  ///< what the cycle has perhaps not seen yet
  FileDescriptor state_reader_;
  StateSegment& state_;
  control::Lease lease_;
  std::unique_ptr<Controller> controller_;  // after what it uses
  core::Nanoseconds evidence_stamp_ns_{0};
  std::size_t evidence_cycles_{0};
  FileDescriptor evidence_reader_;
};

}  // namespace takt::controller::internal
