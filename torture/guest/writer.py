#!/usr/bin/env python3
"""writer.py --device DEV --run N --seed N [--first LBA] [--blocks N] [--depth N] [--flush-buffered-every N] [--flush-every N] [--pause-ms N]

Writes self-describing blocks of 4 KiB to a raw disk, in three lanes, and tells on standard output what it does, before it does it:
  lane 0 (A)  O_DIRECT, `depth` threads; a write is acknowledged when it returns
  lane 1 (B)  buffered, with fdatasync after every `flush-buffered-every` writes; acknowledged when fdatasync returns
  lane 2 (C)  O_DIRECT with fdatasync only after every `flush-every` writes; acknowledged when fdatasync returns
Every lane has `blocks` blocks, from `first` on one lane after the other; a block belongs to one thread, half of the writes go to the first eighth of them.
Each block holds magic, run, lane, LBA, sequence number, CRC-32 and a filling that follows from them (torture/oracle/block.ts reads them).

Lines on standard output; T is the guest's monotonic clock in milliseconds:
  h RUN SIZE             begun; size of the disk in bytes
  i LANE LBA SEQ T       a write begins
  a LANE LBA SEQ T       it is acknowledged
  e LANE LBA SEQ T ERRNO it failed: it may be on the disk or not
  f LANE T ERRNO         fdatasync failed: what it should have covered is not acknowledged
  p T | r T | s T        all lanes are at rest and flushed | go on | ended
Commands on standard input: pause, resume, stop. It ends when its input ends. Exit codes: 0 ended, 1 failed, 2 usage.
"""
import argparse
import hashlib
import mmap
import os
import random
import struct
import sys
import threading
import time
import zlib

BLOCK = 4096
HEADER = struct.Struct("<8sQIIQQ")  # magic, run, lane, 0, lba, seq
MAGIC = b"KVMMIRR1"
say_lock = threading.Lock()


def say(*parts):
    line = (" ".join(str(part) for part in parts) + "\n").encode()
    with say_lock:
        while line:
            line = line[os.write(1, line):]


def now():
    return f"{time.monotonic_ns() / 1e6:.1f}"


def make_block(run, lane, lba, seq):
    header = HEADER.pack(MAGIC, run, lane, 0, lba, seq)
    fill = hashlib.shake_128(header).digest(BLOCK - HEADER.size - 8)
    return header + struct.pack("<II", zlib.crc32(fill, zlib.crc32(header)), 0) + fill


class Gate:
    """Where threads wait while the writer is paused."""

    def __init__(self, threads):
        self.condition = threading.Condition()
        self.threads = threads
        self.state = "run"
        self.resting = 0

    def set(self, state):
        with self.condition:
            self.state = state
            self.condition.notify_all()

    def wanted(self):
        return self.state

    def rest(self):
        """Called by a thread at rest, flushed; returns False when it shall end."""
        with self.condition:
            self.resting += 1
            if self.resting == self.threads:
                say("p", now())
            self.condition.wait_for(lambda: self.state != "pause")
            self.resting -= 1
            return self.state == "run"


class Writer(threading.Thread):
    def __init__(self, options, gate, lane, lbas, flush_every):
        super().__init__()
        self.options, self.gate, self.lane, self.lbas, self.flush_every = options, gate, lane, lbas, flush_every
        self.random = random.Random(f"{options.seed} {lane} {lbas[0]}")
        self.buffer = mmap.mmap(-1, BLOCK)
        self.descriptor = os.open(options.device, os.O_RDWR | (0 if lane == 1 else os.O_DIRECT))
        self.seq = 0
        self.unflushed = []
        self.failure = None

    def run(self):
        try:
            for lba in self.lbas:  # first every block once, so that each has something to lose
                if not self.step(lba):
                    return
            while self.step(self.pick()):
                time.sleep(self.random.uniform(0.5, 1.5) * self.options.pause_ms / 1000)
        except Exception as error:  # a thread that dies silently would look like a stall
            self.failure = error
            sys.stderr.write(f"writer.py: lane {self.lane}: {error!r}\n")
            os._exit(1)

    def pick(self):
        hot = max(1, len(self.lbas) // 8)
        return self.lbas[self.random.randrange(hot if self.random.random() < 0.5 else len(self.lbas))]

    def step(self, lba):
        """One write, unless a pause or the end is wanted. False: end."""
        if self.gate.wanted() != "run":
            self.flush()
            if self.gate.wanted() == "stop" or not self.gate.rest():
                return False
        self.write(lba)
        return True

    def write(self, lba):
        self.seq += 1
        self.buffer.seek(0)
        self.buffer.write(make_block(self.options.run, self.lane, lba, self.seq))
        say("i", self.lane, lba, self.seq, now())
        try:
            done = os.pwrite(self.descriptor, self.buffer, lba * BLOCK)
            if done != BLOCK:
                raise OSError(5, f"{done} of {BLOCK} bytes written")
        except OSError as error:
            say("e", self.lane, lba, self.seq, now(), error.errno)
            time.sleep(1)
            return
        if self.flush_every == 0:
            say("a", self.lane, lba, self.seq, now())
            return
        self.unflushed.append((lba, self.seq))
        if len(self.unflushed) >= self.flush_every:
            self.flush()

    def flush(self):
        if not self.unflushed:
            return
        covered, self.unflushed = self.unflushed, []
        try:
            os.fdatasync(self.descriptor)
        except OSError as error:
            say("f", self.lane, now(), error.errno)
            return
        at = now()
        for lba, seq in covered:
            say("a", self.lane, lba, seq, at)


def whole(minimum):
    def parse(text):
        value = int(text)
        if value < minimum:
            raise argparse.ArgumentTypeError(f"{text} is less than {minimum}")
        return value

    return parse


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", required=True)
    parser.add_argument("--run", type=whole(1), required=True)
    parser.add_argument("--seed", type=whole(0), required=True)
    parser.add_argument("--first", type=whole(0), default=0)
    parser.add_argument("--blocks", type=whole(64), default=512)
    parser.add_argument("--depth", type=whole(1), default=2)
    parser.add_argument("--flush-buffered-every", type=whole(1), default=4)
    parser.add_argument("--flush-every", type=whole(2), default=32)
    parser.add_argument("--pause-ms", type=whole(0), default=25)
    options = parser.parse_args()
    descriptor = os.open(options.device, os.O_RDONLY)
    size = os.lseek(descriptor, 0, os.SEEK_END)
    os.close(descriptor)
    if (options.first + 3 * options.blocks) * BLOCK > size:
        parser.error(f"{options.device} has {size} bytes: too few for three lanes of {options.blocks} blocks from block {options.first}")

    def lane(number, part=0, parts=1):
        first = options.first + number * options.blocks
        return list(range(first, first + options.blocks))[part::parts]

    gate = Gate(options.depth + 2)
    threads = [Writer(options, gate, 0, lane(0, part, options.depth), 0) for part in range(options.depth)]
    threads += [Writer(options, gate, 1, lane(1), options.flush_buffered_every), Writer(options, gate, 2, lane(2), options.flush_every)]
    say("h", options.run, size)
    for thread in threads:
        thread.start()
    for command in sys.stdin:
        command = command.strip()
        if command == "stop":
            break
        if command == "resume":
            say("r", now())
        if command not in ("pause", "resume"):
            sys.stderr.write(f"writer.py: unknown command {command!r}\n")
            continue
        gate.set("pause" if command == "pause" else "run")
    gate.set("stop")
    for thread in threads:
        thread.join()
    say("s", now())


main()
