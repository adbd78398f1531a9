"""Knocks, at all doors at once: arguments tcp:ADDRESS:PORT, udp:ADDRESS:PORT or icmp:ADDRESS:-. For each one line,
"DOOR answered", "DOOR refused" or, after 3 s, "DOOR silent"."""
import socket
import subprocess
import sys
import threading


def knock(door):
    kind, address, port = door.split(":")
    if kind == "icmp":
        asked = subprocess.run(["ping", "-n", "-q", "-c", "1", "-w", "3", address], stdout=subprocess.DEVNULL)
        return "answered" if asked.returncode == 0 else "silent"
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    one.settimeout(3)
    try:
        one.connect((address, int(port)))
        one.sendall(b"hello")
        return "answered" if one.recv(16) == b"hello" else "refused"
    except TimeoutError:
        return "silent"
    except (ConnectionRefusedError, ConnectionResetError):
        return "refused"


found = {}
knocking = [threading.Thread(target=lambda door=door: found.update({door: knock(door)})) for door in sys.argv[1:]]
for one in knocking:
    one.start()
for one in knocking:
    one.join()
for door in sys.argv[1:]:
    print(door, found.get(door, "failed"))
