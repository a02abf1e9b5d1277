"""`takt bus` as a user meets it. TAKT: the program. BUSES: what this build has of dds and zmq, separated by commas."""

import os
import pathlib
import stat
import subprocess
import tempfile
import tomllib
import unittest

TAKT = os.environ["TAKT"]
BUSES = os.environ["BUSES"].split(",")


def takt(*arguments):
    return subprocess.run([TAKT, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60)


@unittest.skipUnless("zmq" in BUSES, "this build has no ZeroMQ")
class Keys(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def keys(self, name, *more):
        result = takt("bus", "keys", self.folder / name, *more)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout.strip()

    def test_a_pair_is_written_for_its_owner_alone_and_the_public_key_is_shown(self):
        public = self.keys("robot.toml")
        path = self.folder / "robot.toml"
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        written = tomllib.loads(path.read_text())
        self.assertEqual(written["public_key"], public)
        self.assertEqual(sorted(written), ["public_key", "secret_key"])
        self.assertEqual(len(written["secret_key"]), 40)

    def test_a_file_that_is_there_stays_as_it_is(self):
        self.keys("robot.toml")
        before = (self.folder / "robot.toml").read_text()
        result = takt("bus", "keys", self.folder / "robot.toml")
        self.assertEqual(result.returncode, 2)
        self.assertIn("is there already", result.stderr)
        self.assertEqual((self.folder / "robot.toml").read_text(), before)

    def test_what_is_no_key_is_named(self):
        result = takt("bus", "keys", self.folder / "a.toml", "--client", "nonsense")
        self.assertEqual(result.returncode, 2)
        self.assertIn("'nonsense' is no key", result.stderr)
        self.assertFalse((self.folder / "a.toml").exists())

    def test_who_is_named_is_let_in_and_hears(self):
        desk = self.keys("desk.toml")
        robot = self.keys("robot.toml", "--client", desk)
        with (self.folder / "desk.toml").open("a") as file:
            file.write(f"server_key = '{robot}'\n")
        self.keys("stranger.toml", "--server", robot)
        uri = f"zmq+ipc://{self.folder}/bus?key={self.folder}/"
        pub = subprocess.Popen([TAKT, "topic", "pub", "-r", "20", "/secret", "std_msgs/msg/String", '{"data": "it"}',
                                "--bus", uri + "robot.toml&bind"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL)
        self.addCleanup(pub.wait, 60)
        self.addCleanup(pub.terminate)
        echo = ("topic", "echo", "/secret", "std_msgs/msg/String", "--once")
        heard = takt(*echo, "--bus", uri + "desk.toml")
        self.assertEqual(heard.stdout, "data: it\n---\n", heard.stderr)
        refused = takt(*echo, "--timeout", "2", "--bus", uri + "stranger.toml")
        self.assertEqual(refused.returncode, 1)
        self.assertEqual(refused.stdout, "")


if __name__ == "__main__":
    unittest.main()
