"""Answers whoever comes: TCP and UDP echo. Arguments: tcp:ADDRESS:PORT or udp:ADDRESS:PORT. Prints "ready"."""
import selectors
import socket
import sys

selector = selectors.DefaultSelector()
for kind, address, port in (word.split(":") for word in sys.argv[1:]):
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # IP_FREEBIND: as the servers of a group, it listens before the VIP is here.
    one.setsockopt(socket.IPPROTO_IP, 15, 1)
    one.bind((address, int(port)))
    if kind == "tcp":
        one.listen(64)
    selector.register(one, selectors.EVENT_READ, "listener" if kind == "tcp" else kind)
print("ready", flush=True)
while True:
    for key, _ in selector.select():
        if key.data == "listener":
            selector.register(key.fileobj.accept()[0], selectors.EVENT_READ, "stream")
        elif key.data == "udp":
            data, sender = key.fileobj.recvfrom(2048)
            key.fileobj.sendto(data, sender)
        else:
            try:
                data = key.fileobj.recv(2048)
            except OSError:
                data = b""
            if data:
                key.fileobj.sendall(data)
            else:
                selector.unregister(key.fileobj)
                key.fileobj.close()
