"""Whom a mirror tells: a chat's webhook and a mail server. Arguments: PORT OF THE WEBHOOK, PORT OF MAIL, TLS (no,
starttls or tls) with CERTIFICATE KEY. What got through is in /run/people: a line of JSON a message in `webhook`, a line
"RECIPIENTS: MESSAGE" in `mail`, where blanks stand for its line ends. /run/people/status is what the webhook answers;
0: nothing at all. The mail server takes the login mirrors/hunter2-hunter2, and nothing for refused@example.net.
"""
import base64
import http.server
import json
import socketserver
import ssl
import sys
import threading
import time

PLACE = "/run/people"
web, mail, tls, *files = sys.argv[1:]
context = None
if files:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)


def keep(name, text):
    with open(f"{PLACE}/{name}", "a", encoding="utf-8") as file:
        file.write(f"{text}\n")


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open(f"{PLACE}/status", encoding="utf-8") as file:
            status = int(file.read())
        keep("tries", f"{status} {self.path}")
        if status == 0:
            time.sleep(600)
        if status == 200:
            keep("webhook", json.dumps(json.loads(body)))
        self.send_response(status)
        # Some services repeat what they were asked.
        self.send_header("X-Asked", self.path)
        self.end_headers()
        self.wfile.write(f"you have asked for {self.path}".encode())

    def log_message(self, *_):
        pass


class Mail(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())

    def letter(self):
        self.say("354 go on")
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.decode().rstrip("\r\n"))
        keep("mail", f"{','.join(self.to)}: {' '.join(lines)}")

    def handle(self):
        self.to, safe = [], tls == "tls"
        self.say("220 people")
        while line := self.rfile.readline():
            word, rest = (line.decode().strip().upper().split(" ", 1) + [""])[:2]
            if word == "EHLO":
                # The first line is its name.
                self.say("250-people")
                offers = ["AUTH PLAIN"] if safe else ["STARTTLS"] if tls == "starttls" else []
                for offer in offers:
                    self.say(f"250-{offer}")
                self.say("250 HELP")
            elif word == "STARTTLS":
                self.say("220 go on")
                self.connection = context.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
                safe = True
            elif word == "AUTH":
                known = base64.b64decode(line.split()[2]) == b"\0mirrors\0hunter2-hunter2"
                self.say("235 welcome" if known else f"535 no such login: {line.split()[2].decode()}")
            elif word == "RCPT" and "REFUSED@" in rest:
                self.say("550 nobody of that name")
            elif word == "RCPT":
                self.to.append(rest[4:-1].lower())
                self.say("250 yes")
            elif word == "DATA":
                self.letter()
                self.say("250 kept")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 yes")


class Servers(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True

    def get_request(self):
        connection, address = super().get_request()
        return (context.wrap_socket(connection, server_side=True) if tls == "tls" else connection), address


class Site(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass


Servers.handle_error = Site.handle_error
chat = Site(("127.0.0.1", int(web)), Hook)
if files:
    chat.socket = context.wrap_socket(chat.socket, server_side=True)
threading.Thread(target=Servers(("127.0.0.1", int(mail)), Mail).serve_forever, daemon=True).start()
print("ready", flush=True)
chat.serve_forever()
