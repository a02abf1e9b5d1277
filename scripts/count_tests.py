#!/usr/bin/env python3
"""Prints "N passed, N failed, N skipped" from a report of `ctest --output-junit`, and before it the end of what each
failed test said, so that it stands at the end of a long log, and each test that was skipped for want of something that
scripts/install_dependencies.sh installs: it says "not installed: WHAT". With TAKT_REQUIRE_INTEROP=1 in the environment, as in
continuous integration, such a test has failed. Exits 1 when one has for this reason, or when there is no report."""

import os
import re
import sys
import xml.etree.ElementTree as ElementTree

# How ctest names the outcome of a test; a disabled one was not run either.
SKIPPED = {"notrun", "skipped", "disabled"}
LINES_OF_A_FAILURE = 12
FRAMEWORK = re.compile(r"\[[-= A-Z]{10}\]|\s*\d+ FAILED TESTS?$")
NOT_INSTALLED = re.compile(r"not installed: .*")


def outcome(case):
    """"passed", "failed" or "skipped". What is neither a success nor skipped has failed."""
    status = case.get("status", "")
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None or status in SKIPPED:
        return "skipped"
    return "passed" if status == "run" else "failed"


def count(cases):
    """[passed, failed, skipped] of <testcase> elements."""
    outcomes = [outcome(case) for case in cases]
    return [outcomes.count(name) for name in ("passed", "failed", "skipped")]


def end_of(case):
    """The last lines of what a test said, without the framework's own, which say that it failed and not why."""
    lines = (case.findtext("system-out") or "").splitlines()
    said = [line for line in lines if line.strip() and not FRAMEWORK.match(line)]
    return "".join(f"  {line}\n" for line in said[-LINES_OF_A_FAILURE:])


def not_installed(case):
    """What a test was skipped for want of, in its own words; None when it ran, or was skipped for another reason."""
    said = NOT_INSTALLED.search(case.findtext("system-out") or "") if outcome(case) == "skipped" else None
    return said.group() if said else None


def main(path, required=False):
    try:
        cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        print(f"no test report: {error}", file=sys.stderr)
        return 1
    lacking = {case.get("name"): not_installed(case) for case in cases if not_installed(case)}
    for case in cases:
        if outcome(case) == "failed":
            print(f"failed: {case.get('name')}\n{end_of(case)}", end="")
    for name, what in lacking.items():
        print(f"{'failed' if required else 'skipped'}: {name}: {what}")
    passed, failed, skipped = count(cases)
    moved = len(lacking) if required else 0
    print(f"{passed} passed, {failed + moved} failed, {skipped - moved} skipped")
    return 1 if moved else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], os.environ.get("TAKT_REQUIRE_INTEROP", "") == "1"))
