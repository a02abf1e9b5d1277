"""takt serve and takt replay on two hosts with a link that is cut and restored; encrypted, since it is beyond loopback.

TAKT: the program. TAKT_CAMPAIGN multiplies the cuts. Needs network namespaces; skips (77) without.
"""

import os
import pathlib
import random
import subprocess
import sys
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).parent.parent / "netfaults"))
os.environ.setdefault("PEER", "")
os.environ.setdefault("BUSES", "zmq")

from peers import Host, enter_own_network, make_switch  # noqa: E402
from players import CAMPAIGN, LEASE_S, TAKT, Players  # noqa: E402

CUTS = 5 * CAMPAIGN
RANDOM = random.Random(20262)


class Network(unittest.TestCase, Players):
    def setUp(self):
        self.set_up(self)
        make_switch()
        self.addCleanup(subprocess.run, ["ip", "link", "del", "switch"], check=False)
        self.robot, self.desk = Host(self, 1), Host(self, 2)
        robot_key = self.keys("robot.toml")
        desk_key = self.keys("desk.toml", "--server", robot_key)
        with open(self.folder / "robot.toml", "a", encoding="utf-8") as file:
            file.write(f'clients = ["{desk_key}"]\n')
        self.at_robot = f"zmq+tcp://*:5601?key={self.folder}/robot.toml"
        self.beside_robot = f"zmq+tcp://127.0.0.1:5601?key={self.folder}/desk.toml"
        self.at_desk = f"zmq+tcp://{self.robot.address}:5601?key={self.folder}/desk.toml"

    def keys(self, name, *words):
        made = subprocess.run([TAKT, "bus", "keys", str(self.folder / name), *words], capture_output=True, text=True,
                              check=True)
        return made.stdout.split()[-1]

    def test_beyond_loopback_a_robot_is_served_with_a_key_only(self):
        bare = subprocess.run([TAKT, "serve", "--robot", str(self.file), "--bus", "zmq+tcp://*:5601"], capture_output=True,
                              text=True, check=False)
        self.assertEqual(bare.returncode, 2)
        self.assertIn("--bus", bare.stderr)
        self.assertIn("everybody who reaches", bare.stderr)

    def test_a_link_that_is_cut_brings_the_arm_to_rest_and_the_next_play_works(self):
        self.serve(self.at_robot, network=self.robot.network)
        observer = self.observe(self.beside_robot, network=self.robot.network)
        whole = self.replay(self.at_desk, network=self.desk.network)
        self.assertEqual(whole.finish(), 0, whole.errors)
        slowest_s = 0.0
        for cut in range(CUTS):
            client = self.loop_until_played(self.at_desk, observer, network=self.desk.network)
            time.sleep(RANDOM.uniform(0.0, 0.5))
            cut_s = time.monotonic()
            self.desk.unplug()
            observer.wait_until_given_up(f"cut {cut}")
            slowest_s = max(slowest_s, time.monotonic() - cut_s)
            first, second = observer.wait_until_at_rest()
            for now, then in zip(second["q_rad"], first["q_rad"]):
                self.assertAlmostEqual(now, then, delta=0.005)
            self.assertEqual(client.finish(), 1, "it noticed")
            self.desk.plug()
        print(f"{CUTS} cuts, lease {LEASE_S} s: said to be at rest after {slowest_s:.2f} s at most")
        last = self.replay(self.at_desk, network=self.desk.network)
        self.assertEqual(last.finish(), 0, last.errors)


if __name__ == "__main__":
    enter_own_network()
    unittest.main()
