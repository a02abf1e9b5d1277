#!/usr/bin/env python3
"""What takt::async is compared with: the same questions asked of Python's asyncio.

  asyncio_peer.py              answers every question once and prints one JSON object
  asyncio_peer.py --serve      for each line "QUESTION COUNT" on standard input, prints one line of JSON:
                               {"count": COUNT, "p50_us": ..., "p99_us": ...}

COUNT is the number of samples: of batches where one operation is shorter than the clock's grain, else of operations.
Plain Python 3, nothing to install.
"""

import asyncio
import concurrent.futures
import contextlib
import json
import math
import os
import sys
import threading
import time
from time import monotonic_ns

OPERATIONS_PER_SAMPLE = 1000
TASKS_PER_BATCH = 100
WAKE_PERIOD_S = 0.0005
TICK_NS = 1_000_000
LOAD_CALL_NS = 5_000_000
LOAD_PERIOD_S = 0.020
FIFO_PRIORITY = 80


async def child():
    return 1


async def await_ready(count):
    """Awaiting a coroutine that returns at once [ns per await]."""
    samples = []
    for _ in range(count):
        start = monotonic_ns()
        for _ in range(OPERATIONS_PER_SAMPLE):
            await child()
        samples.append((monotonic_ns() - start) / OPERATIONS_PER_SAMPLE)
    return samples


async def start_and_wait(count):
    """create_task and await, one after the other."""
    samples = []
    for _ in range(count):
        start = monotonic_ns()
        for _ in range(OPERATIONS_PER_SAMPLE):
            await asyncio.create_task(child())
        samples.append((monotonic_ns() - start) / OPERATIONS_PER_SAMPLE)
    return samples


async def group_of_100(count):
    """A TaskGroup (Python 3.11; before it, gather) of 100 children [ns per child]."""
    samples = []
    for _ in range(count):
        start = monotonic_ns()
        if hasattr(asyncio, "TaskGroup"):
            async with asyncio.TaskGroup() as group:
                for _ in range(TASKS_PER_BATCH):
                    group.create_task(child())
        else:
            await asyncio.gather(*(child() for _ in range(TASKS_PER_BATCH)))
        samples.append((monotonic_ns() - start) / TASKS_PER_BATCH)
    return samples


async def expired_sleep(count):
    """A sleep of a nanosecond. (asyncio.sleep(0) would only yield, without a timer.)"""
    samples = []
    for _ in range(count):
        start = monotonic_ns()
        await asyncio.sleep(1e-9)
        samples.append(monotonic_ns() - start)
    return samples


async def wake(count):
    """From before call_soon_threadsafe on another thread until the waiting coroutine runs."""
    loop = asyncio.get_running_loop()
    rung = asyncio.Event()
    answered = threading.Event()
    stamp = [0]

    def ring():
        for _ in range(count):
            time.sleep(WAKE_PERIOD_S)
            answered.clear()
            stamp[0] = monotonic_ns()
            loop.call_soon_threadsafe(rung.set)
            answered.wait()

    ringer = threading.Thread(target=ring)
    ringer.start()
    samples = []
    for _ in range(count):
        await rung.wait()
        samples.append(monotonic_ns() - stamp[0])
        rung.clear()
        answered.set()
    ringer.join()
    return samples


async def executor_round_trip(count):
    """A call that does nothing, in another thread and back."""
    loop = asyncio.get_running_loop()
    samples = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as pool:
        await loop.run_in_executor(pool, int)
        for _ in range(count):
            start = monotonic_ns()
            await loop.run_in_executor(pool, int)
            samples.append(monotonic_ns() - start)
    return samples


async def lateness(count):
    """How late a coroutine runs that asked to run every millisecond."""
    samples = []
    with fifo():
        due = monotonic_ns()
        for _ in range(count):
            now = monotonic_ns()
            due += TICK_NS * max(1, -((due - now) // TICK_NS))  # the next one in phase
            await asyncio.sleep(max(0, due - now) * 1e-9)
            samples.append(monotonic_ns() - due)
    return samples


async def lateness_loaded(count):
    """The same while another task hands 5 ms of computing to an executor 50 times a second."""
    load = asyncio.create_task(offload_for_ever())
    samples = await lateness(count)
    load.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await load
    return samples


async def offload_for_ever():
    loop = asyncio.get_running_loop()
    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as pool:
        while True:
            await asyncio.gather(loop.run_in_executor(pool, burn_cpu), asyncio.sleep(LOAD_PERIOD_S))


def burn_cpu():
    state = 1
    end = time.thread_time_ns() + LOAD_CALL_NS
    while time.thread_time_ns() < end:
        for _ in range(100):
            state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
    return state


@contextlib.contextmanager
def fifo():
    """SCHED_FIFO for the calling thread where it is permitted; threads that it starts do not inherit it, now or later."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(FIFO_PRIORITY))
    except PermissionError:
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER | os.SCHED_RESET_ON_FORK, os.sched_param(0))  # only root may drop the flag


# Question: (how to answer it, samples when nobody says how many).
QUESTIONS = {
    "await_ready": (await_ready, 100),
    "start_and_wait": (start_and_wait, 20),
    "group_of_100": (group_of_100, 200),
    "expired_sleep": (expired_sleep, 1000),
    "wake": (wake, 1000),
    "executor_round_trip": (executor_round_trip, 1000),
    "lateness": (lateness, 3000),
    "lateness_loaded": (lateness_loaded, 3000),
}


def quantile(samples, q):
    ranked = sorted(samples)
    return ranked[max(math.ceil(q * len(ranked)), 1) - 1]


def answer(question, count):
    samples = asyncio.run(QUESTIONS[question][0](count))
    return {"count": len(samples), "p50_us": quantile(samples, 0.5) * 1e-3, "p99_us": quantile(samples, 0.99) * 1e-3}


def main(arguments):
    if arguments == ["--serve"]:
        for line in sys.stdin:
            question, count = line.split()
            print(json.dumps(answer(question, int(count))), flush=True)
        return 0
    print(json.dumps({question: answer(question, count) for question, (_, count) in QUESTIONS.items()}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
