#!/usr/bin/env python3
"""reader.py --device DEV

Reads from a disk past every cache, about a quarter of the time, so that a read is likely to be under way when a server dies. Says "reading" after the first
read. When its standard input ends, it reads once more and says "READS SECONDS": how many reads there were, and how long the longest one took.
Exit codes: 0 every read succeeded, 1 one failed, 2 usage.
"""
import argparse
import mmap
import os
import random
import select
import sys
import time

SIZE = 256 * 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", required=True)
    options = parser.parse_args()
    descriptor = os.open(options.device, os.O_RDONLY | os.O_DIRECT)
    places = os.lseek(descriptor, 0, os.SEEK_END) // SIZE
    if places == 0:
        parser.error(f"{options.device} is smaller than {SIZE} bytes")
    buffer = mmap.mmap(-1, SIZE)

    def read():
        began = time.monotonic()
        try:
            done = os.preadv(descriptor, [buffer], random.randrange(places) * SIZE)
        except OSError as error:
            sys.exit(f"reader.py: {options.device}: {error.strerror}")
        if done != SIZE:
            sys.exit(f"reader.py: {options.device}: {done} of {SIZE} bytes read")
        return time.monotonic() - began

    reads, longest = 1, read()
    print("reading", flush=True)
    while not select.select([sys.stdin], [], [], 3 * min(longest, 0.1))[0]:
        reads, longest = reads + 1, max(longest, read())
    reads, longest = reads + 1, max(longest, read())
    print(reads, f"{longest:.2f}")


main()
