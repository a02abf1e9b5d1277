"""`takt run-law` as a user meets it. TAKT: the program."""

import csv
import math
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

TAKT = os.environ["TAKT"]
LAWS = ("joint_impedance", "joint_pid", "operational_space", "hybrid_impedance", "joint_torque", "gravity_compensation")


def run(*arguments):
    return subprocess.run([TAKT, "run-law", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def figure(output, name):
    return float(re.search(rf"^{name} +(\S+) ", output, re.MULTILINE).group(1))


class RunLaw(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def test_every_law_runs_on_every_model(self):
        for law in LAWS:
            for model in ("fr3", "so101"):
                with self.subTest(law=law, model=model):
                    result = run(law, "--model", model, "--duration", "0.3")
                    self.assertEqual(result.returncode, 0, result.stderr)
                    self.assertIn(f"{law} on {model}", result.stdout)

    def test_a_step_of_the_tool_rises_as_its_natural_frequency_says(self):
        slow = run("operational_space", "--step-tool", "x=0.03", "--set", "stiffness_1_s2=400,400,400,1600,1600,1600")
        fast = run("operational_space", "--step-tool", "x=0.03", "--set", "stiffness_1_s2=1600,1600,1600,1600,1600,1600")
        self.assertEqual((slow.returncode, fast.returncode), (0, 0), slow.stderr + fast.stderr)
        self.assertGreater(figure(slow.stdout, "rise"), 1.5 * figure(fast.stdout, "rise"))

    def test_a_step_of_a_joint_goes_to_a_table(self):
        path = self.folder / "run.csv"
        result = run("joint_impedance", "--step", "4=0.1", "--step", "fr3_joint1=-0.05", "--csv", path, "--duration", "0.8")
        self.assertEqual(result.returncode, 0, result.stderr)
        rows = list(csv.DictReader(path.read_text().splitlines()))
        self.assertEqual(len(rows), 800)
        self.assertAlmostEqual(float(rows[-1]["q_rad.fr3_joint4"]), -3 * math.pi / 4 + 0.1, delta=2e-3)
        self.assertAlmostEqual(float(rows[-1]["setpoint_rad.fr3_joint1"]), -0.05)
        self.assertEqual(float(rows[99]["tau_nm.fr3_joint4"]), 0.0)
        self.assertNotEqual(float(rows[100]["tau_nm.fr3_joint4"]), 0.0)

    def test_gains_come_from_a_file_and_the_command_line_wins(self):
        gains = self.file("gains.toml", "inertial_damping_1_s = 10\nfriction_share = 0.5\n")
        overshoot = [figure(run("joint_impedance", "--step", "2=0.05", *more).stdout, "overshoot") for more in (
            (), ("--gains", gains), ("--gains", gains, "--set", "inertial_damping_1_s=40"))]
        self.assertGreater(overshoot[1], overshoot[0] + 1.0)
        self.assertLess(abs(overshoot[2] - overshoot[0]), 1.0)

    def test_a_pushed_tool_yields_more_when_it_is_softer(self):
        moved = [figure(run("hybrid_impedance", "--duration", "2", "--push-tool", "z=-10", "--set", f"stiffness={k},{k},{k},4,4,4").stdout, "")
                 for k in (400, 1600)]
        self.assertGreater(moved[0], 1.5 * moved[1])

    def test_an_unstable_loop_rattles_between_its_torque_limits(self):
        result = run("joint_impedance", "--step", "7=0.1", "--set", "stiffness_nm_rad=600,600,600,600,600,600,600")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertGreater(figure(result.stdout, "limited"), 50.0)
        self.assertRegex(result.stdout, r"settling +-\n")

    def test_a_torque_that_is_not_finite_exits_1(self):
        result = run("joint_impedance", "--step", "1=10", "--set", "stiffness_nm_rad=" + ",".join(["1e308"] * 7))
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("joint_impedance gave no finite torque after 100 periods", result.stderr)

    def test_wrong_usage_exits_2_and_says_what_there_is(self):
        broken = self.file("broken.toml", "friction_share = [\n")
        unknown = self.file("unknown.toml", "\nstifness = 3\n")
        text = self.file("text.toml", 'friction_share = "half"\n')
        for arguments, complaint in (
            (("levitation",), "'levitation' is none of joint_impedance, joint_pid, operational_space"),
            (("joint_pid", "--model", "ur5"), "--model: 'ur5' is none of fr3, so101"),
            (("joint_pid", "--set", "stiffness"), "--set: 'stiffness' is not name=number"),
            (("joint_pid", "--set", "stiffness=1,"), "is not name=number"),
            (("joint_pid", "--set", "stiffness=1"), "joint_pid: stiffness: unknown field; there are proportional_nm_rad"),
            (("joint_pid", "--set", "friction_share=2"), "joint_pid: friction_share: is 2, must be from 0 to 1"),
            (("joint_pid", "--set", "max_integral_nm=1,2"), "joint_pid: max_integral_nm: has 2 elements for 7 joints"),
            (("joint_pid", "--step", "8=0.1"), "--step: 8: no such joint; there are 1 to 7: fr3_joint1"),
            (("joint_pid", "--step-tool", "w=0.1"), "--step-tool: w: no such axis; there are x, y, z, rx"),
            (("joint_pid", "--step-tool", "x=9"), "does not reach"),
            (("joint_pid", "--step", "1=0.1", "--step-tool", "x=0.1"), "excludes"),
            (("joint_pid", "--detune", "0"), "--detune: must be from 0.1 to 10, is 0"),
            (("joint_pid", "--duration", "nan"), "--duration: must be from 0.01 to 600"),
            (("joint_pid", "--gains", broken), "broken.toml:"),
            (("joint_pid", "--gains", unknown), "unknown.toml:2: joint_pid: stifness: unknown field"),
            (("joint_pid", "--gains", text), "text.toml:1: friction_share: must be a number or a list of numbers"),
            ((), "LAW is required"),
        ):
            with self.subTest(arguments=arguments):
                result = run(*arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""))
                self.assertIn(complaint, result.stderr)


if __name__ == "__main__":
    unittest.main()
