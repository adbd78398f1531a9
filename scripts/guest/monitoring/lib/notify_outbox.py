"""One way to people, a webhook or mail: what waits for it, and how delivery goes. No network: a process of its own
sends (notify_send.py), so that whatever hangs there can be ended, and is never waited for.
"""
import json
import os
import signal
import subprocess
import sys

import notify_text

SENDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "notify_send.py")
# glibc asks a name server twice, and 5 s each time, by itself (resolv.conf(5)).
QUICK_NAMES = {"RES_OPTIONS": "timeout:2 attempts:2"}
MOST_WAITING = 20


def start(channel, message):
    """Begins to send; the process's first line on stdout is how it went."""
    with open(os.memfd_create("message"), "w+b") as document:
        document.write(json.dumps(message).encode())
        document.seek(0)
        return subprocess.Popen([sys.executable, "-BEsS", SENDER, channel], stdin=document, stdout=subprocess.PIPE,
                                env={**os.environ, **QUICK_NAMES})


def outcome(process):
    """How a process that has ended says that it went: (delivered, error)."""
    with process.stdout:
        words = process.stdout.read(1000).decode("utf-8", "replace").split("\n")[0].split(" ", 1)
    if words[0] == "delivered":
        return True, words[1] if len(words) > 1 else None
    if words[0] == "failed" and len(words) > 1:
        return False, words[1]
    return False, f"its sender broke down (status {process.returncode}): journalctl -u kvm-mirror-notify"


class Outbox:
    """kept: what `keep` returned before, {} at first. again: seconds between attempts. within: of one attempt."""

    def __init__(self, channel, kept, again, within):
        self.channel, self.again, self.within = channel, again, within
        self.waiting = kept.get("waiting", [])
        self.dropped = kept.get("dropped", 0)
        self.last_success = kept.get("last_success")
        # Where nothing waits, the next message shows whether it has been mended.
        self.error = kept.get("error") if self.waiting else None
        self.error_at = kept.get("error_at") if self.waiting else None
        self.process, self.sending, self.begun, self.next = None, [], 0, 0

    def add(self, message):
        self.waiting.append(message)
        while len(self.waiting) > MOST_WAITING:
            self.waiting.pop(0)
            self.dropped += 1

    def go_on(self, clock, wall):
        """A step of the work: never waits. clock: seconds of a clock that nobody sets; wall: since 1970."""
        if self.process and self.process.poll() is None and clock - self.begun >= self.within:
            # One that cannot even be killed is not waited for; Python takes its end later.
            self.process.send_signal(signal.SIGKILL)
            self.process.stdout.close()
            self.ended((False, f"no answer within {self.within:g} s"), clock, wall)
        elif self.process and self.process.poll() is not None:
            self.ended(outcome(self.process), clock, wall)
        if not self.process and self.waiting and clock >= self.next:
            self.begin(clock, wall)

    def begin(self, clock, wall):
        self.sending, self.begun = list(self.waiting), clock
        try:
            self.process = start(self.channel, notify_text.joined(self.waiting, self.dropped))
        except OSError as error:
            self.ended((False, f"its sender does not start: {error.strerror}"), clock, wall)

    def ended(self, how, clock, wall):
        delivered, error = how
        if error and error != self.error:
            print(f"notify.sh: {self.channel}: {error}", file=sys.stderr, flush=True)
        self.error = error
        self.error_at = int(wall) if self.error else None
        self.process, self.next = None, clock + self.again
        if delivered:
            self.waiting = [one for one in self.waiting if one not in self.sending]
            self.dropped, self.last_success, self.next = 0, int(wall), clock

    def keep(self):
        return {"waiting": self.waiting, "dropped": self.dropped, "last_success": self.last_success,
                "error": self.error, "error_at": self.error_at}

    def told(self):
        """For state.sh."""
        return {"name": self.channel, "waiting": len(self.waiting) + self.dropped, "lastSuccess": self.last_success,
                "error": self.error, "errorAt": self.error_at}
