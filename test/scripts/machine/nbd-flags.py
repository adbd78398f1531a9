"""What an NBD server says of an export: the transmission flags (NBD protocol, oldest form of the new handshake).

usage: nbd-flags.py ADDRESS PORT EXPORT      prints the names of the flags
"""
import socket
import struct
import sys

address, port, export = sys.argv[1:]
names = {1: "read-only", 2: "flush", 3: "fua", 5: "trim"}
with socket.create_connection((address, int(port)), 10) as server:
    data = server.makefile("rb")
    assert data.read(16) == b"NBDMAGICIHAVEOPT"
    data.read(2)
    server.sendall(struct.pack(">I", 3) + b"IHAVEOPT" + struct.pack(">II", 1, len(export)) + export.encode())
    _, flags = struct.unpack(">QH", data.read(10))
    print(" ".join(name for bit, name in names.items() if flags >> bit & 1))
