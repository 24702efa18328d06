"""Runs the program `millstream`, server and command line, which lies in this package."""

import os
import sys


def main():
    """Becomes the program, with the arguments of this process. Does not come back."""
    here = os.path.dirname(os.path.abspath(__file__))
    program = os.path.join(here, "bin", "millstream")
    os.execv(program, [program, *sys.argv[1:]])
