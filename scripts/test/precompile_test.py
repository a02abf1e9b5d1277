"""Tests of scripts/precompile.py."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "precompile.py"
CLANG = shutil.which("clang++-19") or shutil.which("clang++")


@unittest.skipUnless(CLANG, "needs clang")
class Precompile(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def precompile(self, name, text):
        """Precompiles a header of this text in a folder of this name, as CMake does it."""
        header = self.folder / name / "header.hxx"
        header.parent.mkdir()
        header.write_text(text)
        source = header.with_suffix(".cxx")
        source.write_text("")
        output = header.with_suffix(".pch")
        command = [SCRIPT, CLANG, "-O1", "-Xclang", "-emit-pch", "-Xclang", "-include", "-Xclang", header]
        command += ["-x", "c++-header", "-MD", "-MT", "pch", "-MF", output.with_suffix(".d"), "-o", output, "-c", source]
        done = subprocess.run([str(part) for part in command], check=False, capture_output=True)
        checksum = pathlib.Path(f"{output}.sum")
        return done.returncode, output.exists(), checksum.read_text() if checksum.exists() else None

    def test_the_checksum_is_the_same_in_another_folder(self):
        first = self.precompile("one", "#define A 1\nint a = A;\n")
        self.assertEqual(first[:2], (0, True))
        self.assertEqual(first, self.precompile("another", "#define A 1\nint a = A;\n"))

    def test_another_macro_is_another_checksum(self):
        first = self.precompile("one", "#define A 1\nint a;\n")[2]
        self.assertIsNotNone(first)
        self.assertNotEqual(first, self.precompile("another", "#define A 2\nint a;\n")[2])

    def test_what_does_not_compile_fails_and_has_no_checksum(self):
        code, made, checksum = self.precompile("one", "int a = ;\n")
        self.assertNotEqual(code, 0)
        self.assertEqual((made, checksum), (False, None))


if __name__ == "__main__":
    unittest.main()
