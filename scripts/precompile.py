#!/usr/bin/env python3
"""precompile.py COMPILER ARGUMENT...: runs the compiler; beside a precompiled header it then writes <header>.pch.sum, a
checksum of all that the header reads.

A precompiled header holds the paths of its folder, so it is never the same in two of them. ccache compares the checksum
instead (CCACHE_PCH_EXTSUM), and what was compiled in one clone is found again in the next.
"""

import hashlib
import pathlib
import subprocess
import sys


def without(arguments, names, with_value):
    """The arguments without `names`, and without `with_value` and what follows each of them."""
    kept = []
    rest = iter(arguments)
    for argument in rest:
        if argument in with_value:
            next(rest, None)
        elif argument not in names:
            kept.append(argument)
    return kept


def preprocess(command):
    """The command that prints what `command` reads: with its macros, without the paths."""
    bare = []
    rest = iter(without(command, {"-c", "-MD"}, {"-o", "-MT", "-MF"}))
    for argument in rest:
        if argument != "-Xclang":
            bare.append(argument)
            continue
        value = next(rest, "")
        if value != "-emit-pch":
            bare += ["-Xclang", value]
    return bare + ["-E", "-dD", "-P"]


def main(command):
    done = subprocess.run(command, check=False).returncode
    output = command[command.index("-o") + 1] if "-o" in command[:-1] else ""
    if done != 0 or not output.endswith(".pch"):
        return done
    read = subprocess.run(preprocess(command), check=False, stdout=subprocess.PIPE)
    version = subprocess.run([command[0], "--version"], check=False, stdout=subprocess.PIPE)
    if read.returncode == 0:
        pathlib.Path(output + ".sum").write_text(hashlib.sha256(version.stdout + read.stdout).hexdigest() + "\n")
    return read.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
