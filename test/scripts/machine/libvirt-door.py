#!/usr/bin/env python3
"""libvirt-door.py SOCKET: the socket of a played libvirt. Whoever comes is told where its domains are: SOCKET.domains.

So it is found through whatever forwards the socket (virsh -c beside this). Goes on until it is killed.
"""
import os
import socket
import sys

path = sys.argv[1]
os.makedirs(os.path.dirname(path), exist_ok=True)
if os.path.exists(path):
    os.unlink(path)
door = socket.socket(socket.AF_UNIX)
door.bind(path)
door.listen()
while True:
    guest, _ = door.accept()
    with guest:
        guest.sendall(f"{path}.domains\n".encode())
