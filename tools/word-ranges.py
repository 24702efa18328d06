#!/usr/bin/env python3
"""Prints src/model/word_ranges.inc: the code points beyond ASCII that are word characters.

Word characters are the letters and numbers of Unicode (categories L* and N*), which is what
regular expressions of MLflow's servers mean by them.
"""

import sys
import unicodedata


def ranges():
    first = last = None
    for point in range(0x80, sys.maxunicode + 1):
        if unicodedata.category(chr(point))[0] not in "LN":
            continue
        if last is not None and point == last + 1:
            last = point
            continue
        if first is not None:
            yield first, last
        first = last = point
    yield first, last


def main():
    print(f"/* Written by tools/word-ranges.py from Unicode {unicodedata.unidata_version}. */")
    line = ""
    for first, last in ranges():
        item = f"{{{first:#x}, {last:#x}}},"
        if len(line) + 1 + len(item) > 96:
            print(line)
            line = ""
        line = f"{line} {item}" if line else item
    print(line)


main()
