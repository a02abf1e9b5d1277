"""takt serve and takt replay as two processes over zmq: played to the end, refused, and killed at random moments.

TAKT: the program. TAKT_CAMPAIGN multiplies the kills.
"""

import os
import random
import subprocess
import time
import unittest

from players import CAMPAIGN, LEASE_S, TAKT, Players

KILLS = 5 * CAMPAIGN
RANDOM = random.Random(20261)


class Remote(unittest.TestCase, Players):
    uri = None

    def setUp(self):
        self.set_up(self)

    def uris(self):
        return {"ipc": f"zmq+ipc://{self.folder}/bus", "tcp": f"zmq+tcp://127.0.0.1:{20000 + os.getpid() % 10000}"}

    def test_a_recording_is_played_to_its_end_in_another_process(self):
        for name, uri in self.uris().items():
            with self.subTest(bus=name):
                owner = self.serve(uri)
                observer = self.observe(uri)
                client = self.replay(uri)
                self.assertEqual(client.finish(), 0, client.errors)
                said = observer.wait_until_at_rest()[1]
                self.assertEqual(said["twin"]["left"], "")
                self.assertEqual(said["twin"]["emitted"], said["twin"]["frames"])
                self.assertEqual(said["twin"]["commander"], "", "it was given back")
                observer.end()
                self.assertEqual(owner.end(), 0, owner.errors)

    def test_a_name_is_of_the_library_beside_the_client_or_else_of_the_owners(self):
        uri = self.uris()["ipc"]
        library = self.folder / "moves"
        imported = subprocess.run([TAKT, "traj", "import", library, self.wave], capture_output=True, text=True, check=False)
        self.assertEqual(imported.returncode, 0, imported.stderr)
        self.serve(uri)
        here = self.replay(uri, "--library", library, what="wave")
        self.assertEqual(here.finish(), 0, here.errors)
        there = self.replay(uri, what="wave")
        self.assertEqual(there.finish(), 1)
        self.assertIn("has no library", "\n".join(there.errors))

    def test_what_cannot_be_played_is_refused_with_the_reason_and_nothing_moves(self):
        uri = self.uris()["tcp"]
        self.serve(uri)
        observer = self.observe(uri)
        before = observer.wait_until(lambda said: True, "it is heard")
        far = self.folder / "far.csv"
        far.write_text(self.wave.read_text(encoding="utf-8").replace("0.400000000", "9.000000000"), encoding="utf-8")
        self.wave = far
        client = self.replay(uri)
        self.assertEqual(client.finish(), 1)
        self.assertIn("shoulder_pan", "\n".join(client.errors))
        after = observer.wait_until_at_rest()[1]
        self.assertEqual(after["twin"]["emitted"], 0)
        for now, then in zip(after["q_rad"], before["q_rad"]):
            self.assertAlmostEqual(now, then, delta=0.02)

    def test_a_second_client_is_refused_while_the_first_plays(self):
        uri = self.uris()["ipc"]
        self.serve(uri)
        observer = self.observe(uri)
        first = self.replay(uri, "--loop")
        observer.wait_until_played()
        second = self.replay(uri)
        self.assertEqual(second.finish(), 1)
        self.assertIn("desk-", "\n".join(second.errors))
        self.assertEqual(observer.wait_until_new(lambda said: True, "it is heard")["twin"]["phase"], "playing")
        self.assertEqual(first.end(), 0, first.errors)
        observer.wait_until_at_rest()

    def test_where_nobody_serves_it_says_so(self):
        client = self.replay(self.uris()["ipc"])
        self.assertEqual(client.finish(), 1)
        self.assertIn("nobody on this bus owns 'follower'", "\n".join(client.errors))

    def test_clients_that_are_killed_leave_an_arm_at_rest_by_their_lease_and_the_next_one_plays(self):
        uri = self.uris()["ipc"]
        owner = self.serve(uri)
        observer = self.observe(uri)
        slowest_s = 0.0
        for kill in range(KILLS):
            client = self.loop_until_played(uri, observer)
            time.sleep(RANDOM.uniform(0.0, 0.5))
            killed = time.monotonic()
            client.process.kill()
            observer.wait_until_given_up(f"kill {kill}")
            slowest_s = max(slowest_s, time.monotonic() - killed)
            client.end()
        first, second = observer.wait_until_at_rest()
        for now, then in zip(second["q_rad"], first["q_rad"]):
            self.assertAlmostEqual(now, then, delta=0.005)
        print(f"{KILLS} clients killed, lease {LEASE_S} s: said to be at rest after {slowest_s:.2f} s at most")
        last = self.replay(uri)
        self.assertEqual(last.finish(), 0, last.errors)
        self.assertIsNone(owner.process.poll())

    def test_owners_that_are_killed_are_noticed_and_the_next_one_is_played_on(self):
        uri = self.uris()["ipc"]
        for kill in range(KILLS):
            owner = self.serve(uri)
            observer = self.observe(uri)
            client = self.replay(uri, "--loop")
            observer.wait_until_played()
            time.sleep(RANDOM.uniform(0.0, 0.3))
            owner.kill()
            self.assertEqual(client.finish(), 1, f"kill {kill}: {client.lines[-3:]}")
            self.assertIn("not heard any more", "\n".join(client.errors))
            observer.end()
        owner = self.serve(uri)
        observer = self.observe(uri)
        said = observer.wait_until(lambda said: True, "its state is readable")
        self.assertEqual(said["twin"]["phase"], "empty", "the new owner's arm is at rest")
        last = self.replay(uri)
        self.assertEqual(last.finish(), 0, last.errors)


if __name__ == "__main__":
    unittest.main()
