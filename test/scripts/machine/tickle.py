"""A tickle ACK, as tickle_tcp sends it: tickle.py FROM PORT TO PORT. A segment of a connection that FROM does not have;
TO, which has it, says so, and gets a reset."""
import socket
import struct
import sys

source, source_port, to, to_port = sys.argv[1:]


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segment(check):
    return struct.pack("!HHIIBBHHH", int(source_port), int(to_port), 0, 0, 5 << 4, 0x10, 1234, check, 0)


addresses = socket.inet_aton(source) + socket.inet_aton(to)
pseudo = addresses + struct.pack("!BBH", 0, socket.IPPROTO_TCP, 20)
one = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
one.bind((source, 0))
one.sendto(segment(checksum(pseudo + segment(0))), (to, 0))
