"""Runs a program that is to exit with 0 and to print certain lines, in this order and the last of them at the very end:

    says.py PROGRAM "the arm is at <0.49..0.51> rad" "done"

<low..high> stands for a number within these bounds, <...> for any text; all else is meant literally. Exits with 0, or with 1 and what the
program said instead.
"""

import re
import subprocess
import sys

BOUNDS = re.compile(r"<(-?[\d.]+?)\.\.(-?[\d.]+)>")
NUMBER = r"([-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?)"


def matches(expected: str, line: str) -> bool:
    bounds = [(float(low), float(high)) for low, high in BOUNDS.findall(expected)]
    literal = BOUNDS.split(expected)[::3]  # between them: low, high
    pattern = NUMBER.join(re.escape(part).replace("<\\.\\.\\.>", ".*") for part in literal)
    found = re.fullmatch(pattern, line)
    return found is not None and all(
        low <= float(number) <= high for number, (low, high) in zip(found.groups(), bounds, strict=True)
    )


def complaint(expected: list[str], status: int, output: str) -> str | None:
    """What is wrong with it; None: nothing."""
    if status != 0:
        return f"it exited with {status}"
    lines = output.splitlines()
    if not lines or not matches(expected[-1], lines[-1]):
        return f"its last line is not: {expected[-1]}"
    rest = iter(lines[:-1])
    for wanted in expected[:-1]:
        if not any(matches(wanted, line) for line in rest):
            return f"it has no line, or not in this order: {wanted}"
    return None


def main() -> int:
    program, expected = sys.argv[1], sys.argv[2:]
    ended = subprocess.run([program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    print(ended.stdout, end="")
    print(ended.stderr, end="", file=sys.stderr)
    wrong = complaint(expected, ended.returncode, ended.stdout)
    if wrong is not None:
        print(f"\n{program}: {wrong}", file=sys.stderr)
    return 0 if wrong is None else 1


if __name__ == "__main__":
    sys.exit(main())
