"""What /proc/drbd of DRBD 8.4 says (drbd_proc.c of the kernel writes it), as plain values.

read(text): the volumes by minor number, each a dictionary:
  connection, role, peer_role, disk, peer_disk   DRBD's own words; "Unconfigured" and "Unknown" of what is down
  suspended   whether reads and writes wait: the first of the flags behind the protocol is "s"
  numbers     ns nr dw dr oos (KiB), al bm ep (a count), lo pe ua ap (what is pending); empty of what is down
  sync        of a running synchronisation or comparison: done (0 to 1), seconds (left), speed (KiB a second, of late),
              stalled; None when none runs. seconds and speed are None until the kernel knows them
"""
import re

HEAD = re.compile(r"^ *(\d+): cs:(\w+)(.*)$")
STATES = re.compile(r"ro:(\w+)/(\w+) ds:(\w+)/(\w+)(?: . (.))?")
NUMBERS = re.compile(r"\b(ns|nr|dw|dr|al|bm|lo|pe|ua|ap|ep|oos):(\d+)")
DONE = re.compile(r"(?:sync'ed|verified): *([\d.]+)%")
LEFT = re.compile(r"finish: (\d+):(\d\d):(\d\d)")
SPEED = re.compile(r"speed: ([\d,]+)")


def head(connection, rest):
    states = STATES.search(rest)
    role, peer_role, disk, peer_disk, flag = (
        states.groups() if states else ("Unconfigured", "Unknown", "Unconfigured", "DUnknown", None)
    )
    return {
        "connection": connection,
        "role": role,
        "peer_role": peer_role,
        "disk": disk,
        "peer_disk": peer_disk,
        "suspended": flag == "s",
        "numbers": {},
        "sync": None,
    }


DOWN = head("Unconfigured", "")


def progress(volume, line):
    """Adds what a line below the head says of a synchronisation or a comparison."""
    done = DONE.search(line)
    if done:
        volume["sync"] = {"done": float(done[1]) / 100, "seconds": None, "speed": None, "stalled": False}
    if volume["sync"] is None:
        return
    left, speed = LEFT.search(line), SPEED.search(line)
    if left:
        hours, minutes, seconds = (int(part) for part in left.groups())
        volume["sync"]["seconds"] = hours * 3600 + minutes * 60 + seconds
    if speed:
        volume["sync"]["speed"] = int(speed[1].replace(",", ""))
    if "stalled" in line:
        volume["sync"]["stalled"] = True


def read(text):
    volumes, volume = {}, None
    for line in text.splitlines():
        found = HEAD.match(line)
        if found:
            volume = volumes[int(found[1])] = head(found[2], found[3])
        elif volume is not None:
            volume["numbers"].update((name, int(digits)) for name, digits in NUMBERS.findall(line))
            progress(volume, line)
    return volumes


def version(text):
    found = re.match(r"version: (\S+)", text)
    return found[1] if found else ""
