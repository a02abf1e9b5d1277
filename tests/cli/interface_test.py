"""`takt interface` as a user meets it. TAKT: the program."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

TAKT = os.environ["TAKT"]
DEMO = pathlib.Path(__file__).resolve().parent.parent / "interfaces"


def run(*arguments):
    return subprocess.run([TAKT, "interface", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60)


class Interface(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def test_a_shipped_type_is_shown_as_its_file(self):
        result = run("show", "std_msgs/msg/Header")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout, "builtin_interfaces/Time stamp\nstring frame_id\n")

    def test_its_description_and_hash_are_json(self):
        result = run("show", "--json", "std_msgs/msg/String")
        shown = json.loads(result.stdout)
        self.assertEqual(shown["name"], "std_msgs/msg/String")
        self.assertEqual(shown["hash"], "RIHS01_df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18")
        self.assertEqual(shown["description"]["type_description"]["fields"][0]["name"], "data")

    def test_every_listed_type_can_be_shown(self):
        names = run("list").stdout.split()
        self.assertIn("control_msgs/action/FollowJointTrajectory", names)
        self.assertNotIn("std_srvs/srv/SetBool_Request", names)
        for name in ("std_srvs/srv/SetBool", "control_msgs/action/FollowJointTrajectory"):
            self.assertIn("---\n", run("show", name).stdout)

    def test_an_unknown_type_is_wrong_usage(self):
        result = run("show", "std_msgs/msg/Strin")
        self.assertEqual(result.returncode, 2)
        self.assertIn("'std_msgs/msg/Strin'", result.stderr)

    def test_imported_headers_are_named(self):
        path = self.file("my_pkg/msg/JointHealth.msg", "float64 temperature  # degC\n")
        result = run("import", path, "--output", self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        header = self.folder / "my_pkg/msg/joint_health.hpp"
        self.assertEqual(result.stdout, f"{header}\n")
        self.assertIn("namespace my_pkg {", header.read_text())

    def test_the_headers_that_are_compiled_and_compared_with_ros_are_those_written_now(self):
        files = sorted(DEMO.glob("demo_msgs/*/*.*"))
        result = run("import", *files, "--output", self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        kept = sorted((DEMO / "imported").rglob("*.hpp"))
        self.assertEqual(len(kept), len(files))
        for header in kept:
            written = self.folder / header.relative_to(DEMO / "imported")
            self.assertEqual(written.read_text(), header.read_text(), header.name)

    def test_the_package_can_be_said(self):
        path = self.file("Health.msg", "bool good\n")
        result = run("import", path, "--package", "said_pkg", "--output", self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertTrue((self.folder / "said_pkg/msg/health.hpp").is_file())

    def test_a_mistake_is_named_with_file_line_and_field_and_nothing_is_written(self):
        good = self.file("my_pkg/msg/Good.msg", "bool good\n")
        bad = self.file("my_pkg/msg/Bad.msg", "bool good\nint8 size 300\n")
        result = run("import", good, bad, "--output", self.folder / "out")
        self.assertEqual(result.returncode, 2)
        self.assertIn("Bad.msg:2: size: '300' is no int8", result.stderr)
        self.assertFalse((self.folder / "out").exists())

    def structs(self, *files):
        """The structs outside of others that the files become."""
        output = self.folder / "out"
        result = run("import", *files, "--output", output)
        self.assertEqual(result.returncode, 0, result.stderr)
        text = "".join(path.read_text() for path in output.rglob("*.hpp"))
        shutil.rmtree(output)
        return set(re.findall(r"^struct (\w+) {", text, re.MULTILINE))

    def test_types_of_one_name_become_structs_of_their_own(self):
        message = self.file("my_pkg/msg/Move.msg", "bool a\n")
        service = self.file("my_pkg/srv/Move.srv", "bool b\n---\n")
        turn = self.file("my_pkg/srv/Turn.srv", "bool c\n---\n")
        action = self.file("my_pkg/action/Turn.action", "bool d\n---\n---\n")
        every = {"Move", "MoveService", "Turn", "TurnAction"}
        self.assertEqual(self.structs(message, service, turn, action), every)
        self.assertEqual(self.structs(action, turn, service, message), every)
        self.assertEqual(self.structs(service), {"MoveService"}, "by what lies beside it")
        self.assertEqual(self.structs(action), {"TurnAction"}, "by what lies beside it")

    def test_files_that_would_become_the_same_struct_or_header_are_refused_by_name(self):
        first = self.file("my_pkg/msg/Move.msg", "bool a\n")
        self.file("my_pkg/srv/Move.srv", "---\n")
        second = self.file("my_pkg/msg/MoveService.msg", "bool a\n")
        result = run("import", first, self.folder / "my_pkg/srv/Move.srv", second, "--output", self.folder / "out")
        self.assertEqual(result.returncode, 2)
        self.assertIn("MoveService.msg:1: would become the struct my_pkg::MoveService", result.stderr)
        self.assertIn("srv/Move.srv", result.stderr)
        upper, lower = self.file("my_pkg/msg/UUID.msg", "bool a\n"), self.file("my_pkg/msg/Uuid.msg", "bool a\n")
        result = run("import", upper, lower, "--output", self.folder / "out")
        self.assertEqual(result.returncode, 2)
        self.assertIn("Uuid.msg:1: would become the header", result.stderr)
        self.assertIn("UUID.msg", result.stderr)
        self.assertFalse((self.folder / "out").exists())

    def test_a_file_that_cannot_be_read_or_is_of_another_kind_is_wrong_usage(self):
        self.assertEqual(run("import", self.folder / "my_pkg/msg/None.msg").returncode, 2)
        self.assertEqual(run("import", self.file("my_pkg/msg/Foo.idl", "")).returncode, 2)
        self.assertEqual(run("import").returncode, 2)

    def test_a_folder_that_cannot_be_written_is_a_failure(self):
        path = self.file("my_pkg/msg/Good.msg", "bool good\n")
        self.file("taken", "a file")
        result = run("import", path, "--output", self.folder / "taken")
        self.assertEqual(result.returncode, 1)
        self.assertIn("cannot write", result.stderr)


if __name__ == "__main__":
    unittest.main()
