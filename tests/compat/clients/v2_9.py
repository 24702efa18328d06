"""A client from the middle of the 2.x line: python v2_9.py TRACKING-URI DIRECTORY PREFIX"""

import sys

from v2_22 import main

if __name__ == "__main__":
    main(*sys.argv[1:])
