#pragma once

/// The controller of 1 kHz arms in one include, with the tasks to use it in: takt::Controller, the laws' settings,
/// targets and errors. takt/registry/arms.hpp has takt::connect.

#include "takt/async/tasks/cancel_scope.hpp"
#include "takt/async/tasks/every.hpp"
#include "takt/async/tasks/nursery.hpp"
#include "takt/async/tasks/run.hpp"
#include "takt/async/tasks/sleep.hpp"
#include "takt/async/tasks/task.hpp"
#include "takt/control/laws/custom_law.hpp"
#include "takt/control/laws/settings.hpp"
#include "takt/controller/arm_controller.hpp"
#include "takt/controller/controller.hpp"
#include "takt/controller/errors.hpp"
#include "takt/controller/evidence_file.hpp"
#include "takt/controller/frequency.hpp"
#include "takt/controller/remote_controller.hpp"
#include "takt/controller/server.hpp"
#include "takt/controller/targets.hpp"

namespace takt {

using async::every;
using async::Join;
using async::Nursery;
using async::run;
using async::sleep_for;
using async::Task;
using async::with_nursery;
using async::with_timeout;

using core::JointVector;
using core::Pose;

using control::GravityCompensation;
using control::HybridImpedance;
using control::JointImpedance;
using control::JointPid;
using control::JointTorque;
using control::OperationalSpace;

using control::CycleState;
using control::CycleStats;
using control::FaultReport;
using control::LawSettings;

using controller::ActionChunk;
using controller::ArmController;
using controller::Controller;
using controller::ControllerOptions;
using controller::Frequency;
using controller::Joints;
using controller::MoveOptions;
using controller::RemoteController;
using controller::RemoteOptions;
using controller::Server;
using controller::ServerOptions;
using controller::Target;
using controller::TargetOptions;
using controller::TimedAction;
using controller::ToolPose;
using controller::Torques;

using controller::FaultError;
using controller::NotCommanderError;
using controller::NotRunningError;
using controller::ProtocolError;
using controller::Refusal;
using controller::ServerDiedError;
using controller::TargetError;

inline namespace literals {
using namespace controller::literals;
}  // namespace literals

}  // namespace takt
