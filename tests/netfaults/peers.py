"""Processes of netfault_peer, what they say, and networks of their own to run them in."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time

PEER = os.environ["PEER"]
BUSES = os.environ["BUSES"].split(",")
# The ports of domains above 100 (7400 + 250 per domain) are what Linux gives to whoever asks for any. 0 is everybody's.
DOMAIN = 1 + os.getpid() % 100
# Another test may be in the same domain: nobody without this tag is heard. Who is silent for two seconds has left.
CYCLONE = (f"<CycloneDDS><Domain Id='any'><Discovery><Tag>takt-netfaults-{os.getpid()}</Tag>"
           "<LeaseDuration>2s</LeaseDuration></Discovery></Domain></CycloneDDS>")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("ROS_")} | {
    "ROS_DOMAIN_ID": str(DOMAIN), "CYCLONEDDS_URI": CYCLONE}
LIMIT_S = 60  # only a broken program takes so long


class Peer:
    """A netfault_peer. What it says is read as it comes; `said` has the newest line, JSON where it is that."""

    def __init__(self, test, *words, network=()):
        self.words = words
        self.stopped = False
        self.process = subprocess.Popen([*network, PEER, *map(str, words)], env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.said = {}
        self.lines = []
        self.warnings = []
        self.threads = [threading.Thread(target=self.listen), threading.Thread(target=self.listen_to_warnings)]
        for thread in self.threads:
            thread.start()
        test.addCleanup(self.end)

    def listen(self):
        for line in self.process.stdout:
            if line.startswith("{"):
                self.said = json.loads(line)
            else:
                self.lines.append(line.strip())

    def listen_to_warnings(self):
        for line in self.process.stderr:
            self.warnings.append(line.strip())

    def wait(self, holds, what):
        """Until holds(what it said last)."""
        deadline = time.monotonic() + LIMIT_S
        while not (self.said and holds(self.said)):
            self.give_up_after(deadline, what)

    def wait_for_line(self, line):
        deadline = time.monotonic() + LIMIT_S
        while line not in self.lines:
            self.give_up_after(deadline, f'it says "{line}"')

    def give_up_after(self, deadline, what):
        """Fails with what was waited for, when it will not come any more; otherwise a pause."""
        if self.process.poll() is not None or time.monotonic() > deadline:
            why = f"not in {LIMIT_S} s" if self.process.poll() is None else f"it ended with {self.process.returncode}"
            raise AssertionError(f"{' '.join(map(str, self.words))}: {what}: {why}; it said {self.said} {self.lines[-5:]} "
                                 f"{self.warnings[-5:]}")
        time.sleep(0.02)

    def stop(self):
        """Asks it to end; once, since a second signal ends a program at once."""
        if not self.stopped and self.process.poll() is None:
            self.stopped = True
            self.process.terminate()

    def end(self):
        """@return its exit code; 143 when SIGTERM ended it as it should"""
        self.stop()
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


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def enter_own_network():
    """This process, started once more in a network namespace of its own; skips where there is none to be had."""
    if "TAKT_OWN_NETWORK" in os.environ:
        return
    if not all(map(shutil.which, ("unshare", "nsenter", "ip"))):
        skip("not installed: unshare, nsenter and ip; apt install util-linux iproute2")
    for way in (["unshare", "-n"], ["unshare", "-rn"]):
        tried = subprocess.run([*way, "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False, text=True,
                               timeout=LIMIT_S)
        if tried.returncode == 0:
            os.environ["TAKT_OWN_NETWORK"] = "1"
            os.execvp(way[0], [*way, sys.executable, "-B", *sys.argv])
    skip(f"this user may not make a network namespace here: {tried.stderr.strip()}")


def ip(*words, network=()):
    subprocess.run([*network, "ip", *words], check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                   timeout=LIMIT_S)


class Host:
    """A network namespace with one interface: a cable to the switch in the middle, which is this process's own."""

    def __init__(self, test, number):
        self.port = f"port{number}"
        self.address = f"10.77.0.{number}"
        self.holder = subprocess.Popen(["unshare", "-n", "sleep", "infinity"], stdin=subprocess.DEVNULL)
        test.addCleanup(self.end)
        self.network = ["nsenter", "-t", str(self.holder.pid), "-n"]
        deadline = time.monotonic() + LIMIT_S
        while os.readlink(f"/proc/{self.holder.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.port}: unshare made no network namespace in {LIMIT_S} s")
            time.sleep(0.01)
        ip("link", "add", self.port, "type", "veth", "peer", "name", "eth0", "netns", str(self.holder.pid))
        ip("link", "set", self.port, "master", "switch", "up")
        ip("link", "set", "lo", "up", network=self.network)
        ip("addr", "add", f"{self.address}/24", "dev", "eth0", network=self.network)
        ip("link", "set", "eth0", "up", network=self.network)

    def unplug(self):
        ip("link", "set", self.port, "down")

    def plug(self):
        ip("link", "set", self.port, "up")

    def end(self):
        # At once: with its namespace the cable would go some time later, and the next test's has the same name.
        subprocess.run(["ip", "link", "del", self.port], check=False, stdin=subprocess.DEVNULL, capture_output=True,
                       timeout=LIMIT_S)
        self.holder.kill()
        self.holder.wait()


def make_switch():
    try:
        ip("link", "add", "switch", "type", "bridge", "mcast_snooping", "0")
        ip("link", "set", "switch", "up")
    except subprocess.CalledProcessError as error:
        skip(f"no bridge can be made here: {error.stderr.strip()}")


def set_silent(host, silent):
    """The cable stays plugged and nothing passes: what a broken switch between two hosts does."""
    ip("link", "set", "dev", host.port, "type", "bridge_slave", "state", "0" if silent else "3")
