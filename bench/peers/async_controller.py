#!/usr/bin/env python3
"""What takt's controller is compared with: a 1 kHz torque loop as an asyncio task in the program's own event loop.

  async_controller.py              answers every question once and prints one JSON object
  async_controller.py --serve      for each line "QUESTION COUNT" on standard input, prints one line of JSON:
                                   {"count": COUNT, "p50_us": ..., "p99_us": ..., "max_us": ...}

Gaps between two commands to the arm, over COUNT milliseconds. "quiet": the policy behaves; "blocked": it blocks the
loop for 300 ms in every second, as a call does that somebody forgot to hand to a thread. Plain Python 3.
"""

import asyncio
import json
import math
import sys
import time

JOINTS = 7
PERIOD_NS = 1_000_000
STIFFNESS, DAMPING = 600.0, 40.0
POLICY_PERIOD_S = 0.020
BLOCK_S = 0.300


class Arm:
    """The robot's side: joints of unit inertia that move with the torque of the last command."""

    def __init__(self):
        self.q = [0.0] * JOINTS
        self.dq = [0.0] * JOINTS
        self.tau = [0.0] * JOINTS
        self.written_ns = []

    def read(self):
        for i in range(JOINTS):
            self.dq[i] += 1e-3 * self.tau[i]
            self.q[i] += 1e-3 * self.dq[i]
        return self.q, self.dq

    def write(self, tau):
        self.tau = tau
        self.written_ns.append(time.monotonic_ns())


class Controller:
    """A control task that shares the event loop with everybody else."""

    def __init__(self, arm):
        self.arm = arm
        self.target = [0.0] * JOINTS
        self.task = None

    def start(self):
        self.task = asyncio.create_task(self.run())

    async def stop(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def run(self):
        due_ns = time.monotonic_ns()
        while True:
            q, dq = self.arm.read()
            self.arm.write([STIFFNESS * (self.target[i] - q[i]) - DAMPING * dq[i] for i in range(JOINTS)])
            now_ns = time.monotonic_ns()
            due_ns += PERIOD_NS * max(1, -((due_ns - now_ns) // PERIOD_NS))  # the next one in phase
            await asyncio.sleep(max(0, due_ns - now_ns) * 1e-9)

    async def set(self, target):
        self.target = target
        await asyncio.sleep(POLICY_PERIOD_S)


async def policy(controller, end_s, blocks):
    """Sets targets at 50 Hz; half a second into every second it blocks, if it does."""
    next_block_s = time.monotonic() + 0.5
    k = 0
    while time.monotonic() < end_s:
        k += 1
        await controller.set([0.1 * math.sin(0.05 * k)] * JOINTS)
        if blocks and time.monotonic() >= next_block_s:
            time.sleep(BLOCK_S)
            next_block_s += 1.0


async def gaps_us(milliseconds, blocks):
    arm = Arm()
    controller = Controller(arm)
    controller.start()
    await policy(controller, time.monotonic() + milliseconds * 1e-3, blocks)
    await controller.stop()
    return [(later - earlier) * 1e-3 for earlier, later in zip(arm.written_ns, arm.written_ns[1:])]


def quantile(samples, q):
    ranked = sorted(samples)
    return ranked[max(math.ceil(q * len(ranked)), 1) - 1]


def answer(question, count):
    samples = asyncio.run(gaps_us(count, {"quiet": False, "blocked": True}[question]))
    return {"count": count, "p50_us": quantile(samples, 0.5), "p99_us": quantile(samples, 0.99), "max_us": max(samples)}


def main(arguments):
    if arguments == ["--serve"]:
        for line in sys.stdin:
            question, count = line.split()
            print(json.dumps(answer(question, int(count))), flush=True)
        return 0
    print(json.dumps({question: answer(question, 3000) for question in ("quiet", "blocked")}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
