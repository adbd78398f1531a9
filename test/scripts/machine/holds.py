"""Holds a connection open: holds.py ADDRESS PORT. For each line on stdin it says a word to the other side, and prints
"echoed", or what the kernel says of the connection; for a line "wait" it waits until the other side, or the kernel,
says something. Prints "open PORT" first, its own."""
import socket
import sys

one = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=20)
print("open", one.getsockname()[1], flush=True)
for line in sys.stdin:
    try:
        if line.strip() != "wait":
            one.sendall(b"word")
        print("echoed" if one.recv(16) == b"word" else "closed", flush=True)
    except OSError as error:
        print(type(error).__name__, flush=True)
        break
