#!/usr/bin/env python3
"""scripts/bench_result.py RAW RESULT: checks what a bench program wrote, adds machine, compiler and commit, and stores it.

The result: {"bench", "machine", "compiler", "commit", "figures": [{"name", "value", "unit", "baseline", "ratio", "goal"}]}.
value is a number; baseline, ratio and goal may be null (not compared, no goal); goal is text, "<= 0.6".
"""

import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIGURE_KEYS = ("name", "value", "unit", "baseline", "ratio", "goal")
# Written by `make bench` itself: they do not make a measured commit another one.
OWN_OUTPUT = ("bench/results", "README.md")


def complaint(raw):
    """What is wrong with a bench program's output, or None."""
    if not isinstance(raw.get("bench"), str) or not isinstance(raw.get("figures"), list) or not raw["figures"]:
        return 'needs "bench" (text) and "figures" (a list that is not empty)'
    for figure in raw["figures"]:
        missing = [key for key in FIGURE_KEYS if key not in figure]
        if missing:
            return f"figure {figure.get('name')!r} lacks {', '.join(missing)}"
        if not isinstance(figure["value"], (int, float)):
            return f"figure {figure['name']!r}: value is no number"
    return None


def output_of(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return done.stdout.strip() if done.returncode == 0 else ""


def machine():
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    name = re.sub(r"\s+", " ", model.group(1)) if model else os.uname().machine
    kernel = re.match(r"[0-9.]*[0-9]", os.uname().release)  # the number; what follows it is the packager's
    return f"{name}, {os.cpu_count()} CPUs, Linux {kernel.group(0) if kernel else os.uname().release}"


def compiler(build=ROOT / "build" / "release"):
    """The compiler that CMake took; its cache only knows one that the user named."""
    for file in build.glob("CMakeFiles/*/CMakeCXXCompiler.cmake"):
        path = re.search(r'^set\(CMAKE_CXX_COMPILER "(.+)"\)$', file.read_text(encoding="utf-8"), re.MULTILINE)
        if path:
            return (output_of(path.group(1), "--version") or "unknown").splitlines()[0]
    return "unknown"


def commit():
    """The short hash, with "+" when the tree holds more than that commit."""
    exclude = [f":(exclude){path}" for path in OWN_OUTPUT]
    changed = output_of("git", "status", "--porcelain", "--", ".", *exclude)
    return (output_of("git", "rev-parse", "--short=10", "HEAD") or "unknown") + ("+" if changed else "")


def main(raw_path, result_path):
    raw = json.loads(pathlib.Path(raw_path).read_text(encoding="utf-8"))
    wrong = complaint(raw)
    if wrong:
        print(f"{raw_path}: {wrong}", file=sys.stderr)
        return 1
    result = {"bench": raw["bench"], "machine": machine(), "compiler": compiler(), "commit": commit()}
    result |= {key: value for key, value in raw.items() if key not in result}
    pathlib.Path(result_path).write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
