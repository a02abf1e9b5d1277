"""Owners and clients of a replay as processes of takt, and what is seen of the arm from outside. TAKT: the program."""

import json
import math
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time

TAKT = os.environ["TAKT"]
CAMPAIGN = int(os.environ.get("TAKT_CAMPAIGN", "1"))
LIMIT_S = 60  # only a broken program takes so long
LEASE_S = 0.5  # of who is to be missed
LONG_LEASE_S = 10  # of who is to play to the end, on a machine that is busy as well
SILENT = "its commander fell silent"
JOINTS = ["shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper"]
PLAYED = {"approaching", "playing", "moving", "paused", "arriving"}


def wave(file, seconds=3.0, rate_hz=30):
    """A recording of an SO-101 that swings one joint and ends where it began."""
    rows = ["t_s," + ",".join(f"q_{joint}_rad" for joint in JOINTS)]
    for i in range(int(seconds * rate_hz) + 1):
        t_s = i / rate_hz
        swing = 0.2 * (1 - math.cos(2 * math.pi * t_s / seconds))
        rows.append(f"{t_s:.6f}," + ",".join(f"{swing if joint == 'shoulder_pan' else 0.1:.9f}" for joint in JOINTS))
    pathlib.Path(file).write_text("\n".join(rows) + "\n", encoding="utf-8")


def environment(folder):
    return {name: value for name, value in os.environ.items() if not name.startswith("ROS_")} | {
        "XDG_RUNTIME_DIR": str(folder), "XDG_STATE_HOME": str(folder)}


class Program:
    """A takt that runs beside the test; what it says is read as it comes."""

    def __init__(self, test, folder, *words, network=()):
        self.words = words
        self.lines = []
        self.errors = []
        self.process = subprocess.Popen([*network, TAKT, *map(str, words)], env=environment(folder), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.threads = [threading.Thread(target=self.listen, args=(self.process.stdout, self.lines)),
                        threading.Thread(target=self.listen, args=(self.process.stderr, self.errors))]
        for thread in self.threads:
            thread.start()
        test.addCleanup(self.end)

    @staticmethod
    def listen(stream, lines):
        for line in stream:
            lines.append(line.rstrip())

    def wait_for(self, holds, what):
        deadline = time.monotonic() + LIMIT_S
        while not holds():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{self.words}: {what}: not in {LIMIT_S} s, or it ended with {self.process.poll()}; it said "
                                     f"{self.lines[-5:]} {self.errors[-5:]}")
            time.sleep(0.01)

    def wait_for_line(self, begin):
        self.wait_for(lambda: any(line.startswith(begin) for line in self.lines), f'it says "{begin}"')

    def kill(self):
        self.process.kill()
        self.end()

    def finish(self):
        """Waits for its end. @return its exit code"""
        try:
            self.process.wait(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
        return self.end()

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for thread in self.threads:
            thread.join()
        self.process.stdout.close()
        self.process.stderr.close()
        return self.process.returncode


class Observer(Program):
    """Hears what an owner says of its twin."""

    def __init__(self, test, folder, uri, network=()):
        super().__init__(test, folder, "topic", "echo", "/follower/replay", "--json", "--bus", uri, network=network)
        self.test = test

    @property
    def heard(self):
        """The texts that have come."""
        return [line for line in self.lines if line.startswith("{")]

    @property
    def status(self):
        """The newest."""
        return json.loads(json.loads(self.heard[-1])["data"])

    def wait_until(self, holds, what):
        self.wait_for(lambda: self.heard and holds(self.status), what)
        return self.status

    def wait_until_new(self, holds, what):
        """As wait_until, of what is said from now on."""
        before = len(self.heard)
        self.wait_for(lambda: len(self.heard) > before and holds(self.status), what)
        return self.status

    def wait_until_played(self):
        return self.wait_until_new(lambda said: said["twin"]["phase"] == "playing", "it plays")

    def wait_until_given_up(self, what):
        """Until its commander is found to be gone, and the arm at rest."""
        said = self.wait_until_new(lambda said: said["twin"]["commander"] == "" and said["twin"]["phase"] not in PLAYED,
                                   f"{what}: nobody commands it")
        self.test.assertEqual(said["twin"]["left"], SILENT, what)

    def wait_until_at_rest(self):
        """@return the last two statuses, between which the arm did not move"""
        self.wait_until_new(lambda said: said["twin"]["phase"] not in PLAYED, "it is played no more")
        first = self.wait_until_new(lambda said: True, "it is heard")
        second = self.wait_until_new(lambda said: True, "it is heard")
        return first, second


class Players:
    """What tests of a replay have: a folder, a recording, an owner's file."""

    def set_up(self, test):
        folder = tempfile.TemporaryDirectory()
        test.addCleanup(folder.cleanup)
        self.test = test
        self.folder = pathlib.Path(folder.name)
        self.wave = self.folder / "wave.csv"
        wave(self.wave)
        self.file = self.folder / "follower.toml"
        self.file.write_text('follower = "sim:so101"\n', encoding="utf-8")

    def serve(self, uri, network=()):
        owner = Program(self.test, self.folder, "serve", "--robot", self.file, "--bus", uri, network=network)
        owner.wait_for_line("serving")
        return owner

    def replay(self, uri, *words, what=None, lease_s=LONG_LEASE_S, network=()):
        return Program(self.test, self.folder, "replay", what or self.wave, "--robot", uri, "--lease", lease_s, *words, network=network)

    def loop_until_played(self, uri, observer, network=()):
        """A client with a short lease that is playing; begun anew where the machine held it up for longer than that."""
        deadline = time.monotonic() + LIMIT_S
        while True:
            client = self.replay(uri, "--loop", lease_s=LEASE_S, network=network)
            said = observer.wait_until_new(lambda said: said["twin"]["phase"] == "playing" or client.process.poll() is not None,
                                           "it plays")
            if said["twin"]["phase"] == "playing":
                return client
            client.end()
            self.test.assertIn(SILENT, "\n".join(client.errors))
            self.test.assertLess(time.monotonic(), deadline, "it never plays")

    def observe(self, uri, network=()):
        return Observer(self.test, self.folder, uri, network=network)
