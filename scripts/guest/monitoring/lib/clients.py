"""Sockets of this mirror's servers, as the kernel lists them, and whose connections have an export open."""
import os
import re
import socket
import struct
from glob import glob
from pathlib import Path

ESTABLISHED, LISTEN = "01", "0A"


def place(text):
    """ADDRESS, PORT of /proc/net/tcp, which writes the address as a number of this machine's (little-endian)."""
    address, port = text.split(":")
    return socket.inet_ntoa(struct.pack("<I", int(address, 16))), int(port, 16)


def sockets():
    """(state, own place, peer's address, inode) of every TCP socket over IPv4."""
    found = []
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        words = line.split()
        found.append((words[3], place(words[1]), place(words[2])[0], words[9]))
    return found


def listens(table, address, port):
    return any(state == LISTEN and own == (address, port) for state, own, _, _ in table)


def nbd_devices():
    """The volume's device that the nbd-server process of a connection has open, by the socket's inode."""
    found = {}
    for comm in glob("/proc/[0-9]*/comm"):
        try:
            if Path(comm).read_text(encoding="utf-8").strip() != "nbd-server":
                continue
            links = [os.readlink(link) for link in glob(f"{os.path.dirname(comm)}/fd/*")]
        except OSError:
            # It has ended meanwhile.
            continue
        device = next((link for link in links if link.startswith("/dev/drbd")), None)
        for link in links:
            inode = re.fullmatch(r"socket:\[(\d+)\]", link)
            if inode and device:
                found[inode[1]] = device
    return found


def nbd_connections(table, vip, port, devices):
    """(device, address) of each established connection that has a volume open."""
    return [
        (devices[inode], peer)
        for state, own, peer, inode in table
        if state == ESTABLISHED and own == (vip, port) and inode in devices
    ]


def iscsi_connections(shown):
    """(target, address) of each connection in what `tgtadm --op show --mode target` prints."""
    target, found = None, []
    for line in shown.splitlines():
        head = re.match(r"Target \d+: (\S+)", line)
        peer = re.match(r"\s+IP Address: (\S+)", line)
        if head:
            target = head[1]
        elif peer and target:
            found.append((target, peer[1]))
    return found
