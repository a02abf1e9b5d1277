#!/usr/bin/env python3
"""Local teleoperation in Python, on one call stack: what takt is compared with.

  local_teleop.py [COMMANDS]    runs that many commands (default 20000) and prints the time of every hop
  local_teleop.py --serve       for each line "N" on standard input, runs N commands and prints one line of JSON

  RobotNode (leader) -> bus "state.leader" -> SystemStateManager -> SystemState -> Orchestrator
      -> bus "action.follower" -> RobotNode (follower) -> set_state

The bus calls its subscribers on the publisher's thread and carries bytes, so that a local and a remote robot look the
same: every publish serializes, every subscriber parses. Payloads are JSON. The chain has no guards. Plain Python 3,
nothing to install.
"""

import array
import json
import logging
import math
import sys
import threading
import time
from time import monotonic_ns

JOINTS = 7
HOPS = 6
SMOOTHING = 0.3

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_decode = json.JSONDecoder().decode


class RobotState:
    """State of a robot, or the state it is asked to take."""

    __slots__ = ("timestamp", "joint_positions", "joint_velocities", "joint_efforts", "gripper_position",
                 "end_effector_pose", "robot_type", "units", "trace_id", "hops", "extras")

    def __init__(self, timestamp, joint_positions, joint_velocities=None, joint_efforts=None, gripper_position=None,
                 end_effector_pose=None, robot_type="generic", units="radians", trace_id=0, hops=None, extras=None):
        self.timestamp = timestamp
        self.joint_positions = joint_positions
        self.joint_velocities = joint_velocities
        self.joint_efforts = joint_efforts
        self.gripper_position = gripper_position
        self.end_effector_pose = end_effector_pose
        self.robot_type = robot_type
        self.units = units
        self.trace_id = trace_id
        self.hops = [] if hops is None else hops
        self.extras = {} if extras is None else extras

    def stamp(self, point):
        self.hops.append((point, monotonic_ns()))

    def to_bytes(self):
        return _encode({"timestamp": self.timestamp, "joint_positions": self.joint_positions,
                        "joint_velocities": self.joint_velocities, "joint_efforts": self.joint_efforts,
                        "gripper_position": self.gripper_position, "end_effector_pose": self.end_effector_pose,
                        "robot_type": self.robot_type, "units": self.units, "trace_id": self.trace_id,
                        "hops": self.hops, "extras": self.extras}).encode()

    @classmethod
    def from_bytes(cls, payload):
        return cls(**_decode(payload.decode()))


class InProcessBus:
    """A publish is a loop over the subscribers."""

    def __init__(self):
        self._lock = threading.Lock()
        self._latest = {}
        self._subscribers = {}
        self._log = logging.getLogger("bus")

    def subscribe(self, topic, callback):
        with self._lock:
            self._subscribers.setdefault(topic, []).append(callback)

    def publish(self, topic, payload):
        with self._lock:
            self._latest[topic] = payload
            subscribers = list(self._subscribers.get(topic, ()))
        for callback in subscribers:
            try:
                callback(payload)
            except Exception:  # one subscriber must not stop the next
                self._log.exception("subscriber of %s failed", topic)


class SystemState:
    """The newest state of every robot; tells who asked when one changes."""

    def __init__(self):
        self._lock = threading.Lock()
        self._states = {}
        self._on_change = {}

    def on_change(self, robot, callback):
        self._on_change.setdefault(robot, []).append(callback)

    def update_state(self, robot, state):
        with self._lock:
            self._states[robot] = state
        for callback in self._on_change.get(robot, ()):
            callback(state)


class SystemStateManager:
    """Fills the SystemState from the bus."""

    def __init__(self, bus, system_state, robots):
        self._system_state = system_state
        for robot in robots:
            bus.subscribe("state." + robot, lambda payload, robot=robot: self._on_state(robot, payload))

    def _on_state(self, robot, payload):
        state = RobotState.from_bytes(payload)
        state.stamp("state_updated")
        self._system_state.update_state(robot, state)


class JointSpaceConverter:
    """follower = scale * leader[reindex] + offset"""

    def __init__(self, reindex, scale, offset):
        self._joints = list(zip(reindex, scale, offset))

    def convert(self, state):
        positions, velocities = state.joint_positions, state.joint_velocities
        return RobotState(state.timestamp, [scale * positions[i] + offset for i, scale, offset in self._joints],
                          [scale * velocities[i] for i, scale, _ in self._joints],
                          gripper_position=state.gripper_position, robot_type=state.robot_type, units=state.units,
                          trace_id=state.trace_id, hops=state.hops, extras=state.extras)


class EmaSmoother:
    def __init__(self, alpha):
        self._alpha = alpha
        self._last = None

    def apply(self, state):
        if self._last is not None:
            alpha = self._alpha
            state.joint_positions = [old + alpha * (new - old) for old, new in zip(self._last, state.joint_positions)]
        self._last = state.joint_positions


class Orchestrator:
    """Turns a leader's states into a follower's actions, while the mode is teleop."""

    def __init__(self, bus, system_state, converter, smoother):
        self._bus = bus
        self._converter = converter
        self._smoother = smoother
        self.mode = "teleop"
        system_state.on_change("leader", self._on_leader_state_change)

    def _on_leader_state_change(self, state):
        if self.mode != "teleop":
            return
        state.stamp("enter")
        action = self._converter.convert(state)
        action.stamp("converted")
        self._smoother.apply(action)
        action.stamp("published")
        self._bus.publish("action.follower", action.to_bytes())


class LeaderNode:
    """The body of the leader's publish worker; the robot is read without any hardware."""

    def __init__(self, bus):
        self._bus = bus
        self._count = 0

    def turn(self):
        now = monotonic_ns()
        angle = now * 1e-9
        self._count += 1
        state = RobotState(now, [0.1 * math.sin(angle + joint) for joint in range(JOINTS)],
                           [0.1 * math.cos(angle + joint) for joint in range(JOINTS)],
                           [0.5 * math.cos(angle - joint) for joint in range(JOINTS)], 0.5 + 0.4 * math.sin(angle),
                           [0.4 + 0.1 * math.sin(angle), 0.1 * math.cos(angle), 0.5, 0.0, 0.0, math.sin(0.1 * angle),
                            math.cos(0.1 * angle)], trace_id=self._count)
        state.stamp("got_state")
        self._bus.publish("state.leader", state.to_bytes())


class NoHardware:
    def set_state(self, state):
        pass


class FollowerNode:
    """Applies every command on the publisher's thread; keeps the hop stamps, flat: nothing to collect."""

    def __init__(self, bus, robot):
        self._robot = robot
        self.stamps_ns = array.array("q")
        bus.subscribe("action.follower", self._on_command_received)

    def _on_command_received(self, payload):
        state = RobotState.from_bytes(payload)
        self._robot.set_state(state)
        state.stamp("applied")
        self.stamps_ns.extend([stamp_ns for _, stamp_ns in state.hops])


class Teleoperation:
    def __init__(self):
        bus = InProcessBus()
        system_state = SystemState()
        converter = JointSpaceConverter([1, 0, 2, 3, 4, 6, 5], [-1.0, 1.0, 0.5, 1.0, 1.0, 1.0, 1.0],
                                        [0.1, 0.0, 0.0, -0.2, 0.0, 0.3, 0.0])
        self._parts = [SystemStateManager(bus, system_state, ["leader", "follower"]),
                       Orchestrator(bus, system_state, converter, EmaSmoother(SMOOTHING))]
        self._follower = FollowerNode(bus, NoHardware())
        self._leader = LeaderNode(bus)

    def run(self, commands):
        """Back to back. Returns the hop stamps [ns] of each command."""
        stamps_ns = self._follower.stamps_ns = array.array("q")
        for _ in range(commands):
            self._leader.turn()
        return [stamps_ns[i:i + HOPS] for i in range(0, len(stamps_ns), HOPS)]


def quantile(values, q):
    ordered = sorted(values)
    return ordered[max(0, math.ceil(q * len(ordered)) - 1)]


def summary(traces):
    latencies = [trace[-1] - trace[0] for trace in traces]
    return {"count": len(latencies), "p50_us": quantile(latencies, 0.5) * 1e-3,
            "p99_us": quantile(latencies, 0.99) * 1e-3}


def clock_read_ns(reads=20000):
    start = time.perf_counter_ns()
    for _ in range(reads):
        monotonic_ns()
    return (time.perf_counter_ns() - start) / reads


def serve(teleoperation):
    for line in sys.stdin:
        print(json.dumps(summary(teleoperation.run(int(line)))), flush=True)


def main(arguments):
    teleoperation = Teleoperation()
    if arguments == ["--serve"]:
        serve(teleoperation)
        return 0
    traces = teleoperation.run(int(arguments[0]) if arguments else 20000)
    for i, name in enumerate(("state_updated", "enter", "converted", "published", "applied"), start=1):
        hop = [trace[i] - trace[i - 1] for trace in traces]
        print(f"{name:14} p50 {quantile(hop, 0.5) * 1e-3:7.2f} us   p99 {quantile(hop, 0.99) * 1e-3:7.2f} us")
    whole = summary(traces)
    print(f"{'end_to_end':14} p50 {whole['p50_us']:7.2f} us   p99 {whole['p99_us']:7.2f} us   {len(traces)} commands")
    print(f"one clock read, loop included: {clock_read_ns():.0f} ns; six stamps are inside the path")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
