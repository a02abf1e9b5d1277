#!/usr/bin/env python3
"""Runs clang-tidy-19 over the project's .cpp files, as build/dev/compile_commands.json compiles them.

  scripts/tidy.py                 what is neither test nor bench, of src, apps and examples
  scripts/tidy.py --all           these too (`make soak`): as long again
  scripts/tidy.py FILE...         these

A file that passed is not looked at again until it, a project header it reaches, its compile command, .clang-tidy or
clang-tidy itself changes: what passed is remembered in build/tidy/. So the first run takes minutes and the next seconds.
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "dev"
PASSED = ROOT / "build" / "tidy"
TOOL = "clang-tidy-19"
FOLDERS = ("src", "apps", "bench", "examples", "tests")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"](takt/[^>"]+)[>"]', re.MULTILINE)
SLOW_S = 20.0

# What a test is asked beside names and sizes. All of .clang-tidy takes twice as long, and what a test does badly beyond
# this it does to itself.
TEST_CHECKS = "--checks=-bugprone-*,-performance-*,bugprone-use-after-move,bugprone-dangling-handle"


def compile_commands():
    """{file: its entry} of the project's own sources."""
    entries = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if any((ROOT / folder) in path.parents for folder in FOLDERS) and path.is_file():
            entries[path] = entry
    return entries


@functools.cache
def project_includes(path):
    text = path.read_text(encoding="utf-8")
    found = [ROOT / "src" / name for name in INCLUDE.findall(text)]
    return text, [header for header in found if header.is_file()]


def reached_texts(path):
    """The file's text and the texts of every project header it reaches, in a fixed order."""
    seen, waiting = set(), [path]
    while waiting:
        file = waiting.pop()
        if file not in seen:
            seen.add(file)
            waiting += project_includes(file)[1]
    return [project_includes(file)[0] for file in sorted(seen)]


# In a file that includes CLI11 this check alone takes ten seconds.
APP_CHECKS = "--checks=-performance-unnecessary-value-param"


def is_test(path):
    return bool({"test", "tests"} & set(path.relative_to(ROOT).parts))


def checks_of(path):
    if is_test(path):
        return [TEST_CHECKS]
    return [APP_CHECKS] if (ROOT / "apps") in path.parents else []


def key_of(path, entry, settings):
    digest = hashlib.sha256("".join(checks_of(path)).encode())
    command = entry.get("command") or " ".join(entry["arguments"])
    for text in (settings, str(path), command, *reached_texts(path)):
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()


def run_tidy(path):
    """(exit code, what it said, seconds)"""
    start = time.monotonic()
    done = subprocess.run([TOOL, "-p", str(BUILD), "--quiet", *checks_of(path), str(path)], capture_output=True, text=True, check=False)
    # stderr holds the count of suppressed warnings, and what matters when clang-tidy could not run.
    said = done.stdout + (done.stderr if done.returncode and not done.stdout.strip() else "")
    return done.returncode, said.strip(), time.monotonic() - start


def main(arguments):
    entries = compile_commands()
    if arguments in ([], ["--all"]):
        wanted = sorted(path for path in entries if arguments or not (is_test(path) or ROOT / "bench" in path.parents))
    else:
        wanted = [pathlib.Path(name).resolve() for name in arguments]
    unknown = [path for path in wanted if path not in entries]
    if unknown:
        print(f"not in {BUILD}/compile_commands.json: {', '.join(map(str, unknown))}", file=sys.stderr)
        return 2
    version = subprocess.run([TOOL, "--version"], capture_output=True, text=True, check=True).stdout
    settings = version + (ROOT / ".clang-tidy").read_text()
    PASSED.mkdir(parents=True, exist_ok=True)
    keys = {path: key_of(path, entries[path], settings) for path in wanted}
    todo = [path for path in wanted if not (PASSED / keys[path]).exists()]
    failed = 0
    workers = int(os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL") or os.cpu_count() or 1)
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for path, (code, said, seconds) in zip(todo, pool.map(run_tidy, todo)):
            if code == 0:
                (PASSED / keys[path]).touch()
            else:
                failed += 1
                print(said, flush=True)
            if seconds > SLOW_S:
                print(f"{path.relative_to(ROOT)} took {seconds:.0f} s", flush=True)
    print(f"clang-tidy: {len(wanted)} files, {len(wanted) - len(todo)} known to pass, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
