#!/usr/bin/env python3
"""Writes the table of figures in README.md from bench/results/*.json, between its two markers.

  scripts/readme_figures.py [--check]     --check changes nothing and exits 1 when the table is not what it would write
"""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEGIN = "<!-- figures:begin -->"
END = "<!-- figures:end -->"


def number(value):
    """Three significant digits; whole numbers whole; nothing for None."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"


def with_unit(value, unit):
    return number(value) if value is None or not unit else f"{number(value)} {unit}"


def row(figure):
    ratio = "–" if figure["ratio"] is None else f"{number(figure['ratio'])} ×"
    if figure.get("ratio_quartiles"):
        low, high = figure["ratio_quartiles"]
        ratio += f" ({number(low)}–{number(high)})"
    unit = figure["unit"]
    goal = number(figure["goal"])
    return f"| {figure['name']} | {with_unit(figure['value'], unit)} | {with_unit(figure['baseline'], unit)} | {ratio} | {goal} |"


def table(results):
    """The text between the markers."""
    if not results:
        return "No figures yet: `make bench` measures them.\n"
    lines = []
    for result in results:
        lines += [f"**{result['bench']}** ({result['machine']}; {result['compiler']}; commit {result['commit']})", "",
                  "| figure | takt | baseline, same run | baseline / takt | goal |", "|---|---|---|---|---|"]
        lines += [row(figure) for figure in result["figures"]]
        lines.append("")
    return "\n".join(lines)


def replaced(readme, text):
    """`readme` with `text` between the markers. ValueError without exactly one pair of them."""
    if readme.count(BEGIN) != 1 or readme.count(END) != 1 or readme.index(BEGIN) > readme.index(END):
        raise ValueError(f"README.md needs one {BEGIN} and one {END} after it")
    before, rest = readme.split(BEGIN)
    return f"{before}{BEGIN}\n{text}{END}{rest.split(END)[1]}"


def main(arguments):
    path = ROOT / "README.md"
    files = sorted((ROOT / "bench" / "results").glob("*.json"))
    old = path.read_text(encoding="utf-8")
    new = replaced(old, table([json.loads(file.read_text(encoding="utf-8")) for file in files]))
    if "--check" in arguments:
        if old != new:
            print("README.md:1: the figures are not those of bench/results; run scripts/readme_figures.py")
        return int(old != new)
    path.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
