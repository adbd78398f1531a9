"""notify.py SCRIPT EVERY SETTLED AGAIN WITHIN: watches the volumes of this mirror, and has people told (notify.sh).

Every EVERY seconds one look. What is told is decided in notify_decide.py; it is sent by processes of their own
(notify_outbox.py), which are started when there is something to send. Ends when SCRIPT is another one than it was.
Below /run/kvm-mirror/notify: memory.json, what was told and waits, for the service's next start; delivery.json, how
delivery goes; alive, when it looked last. None of them holds a secret, and all are in memory.
"""
import json
import os
import sys
import time

import mirror_files as files
import notify_text
from notify_decide import decide
from notify_look import Look, replace
from notify_outbox import Outbox
from notify_settings import channels, settings

PLACE = "/run/kvm-mirror/notify"
# Of memory.json: to be counted up when what it holds changes.
FORM = 2


def clock():
    """Nobody sets it; like /run, it begins with the boot."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def remembered():
    """What the service knew before it was started anew. Other scripts may have written it in another form, which is as
    good as none: people are told once more.
    """
    memory = json.loads(files.text_of(f"{PLACE}/memory.json") or "{}")
    return memory if memory.get("form") == FORM else {}


class Service:
    def __init__(self, settled, again, within):
        given, memory = settings(), remembered()
        self.place = {"stack": given["stack"], "mirror": os.uname().nodename}
        self.settled, self.look = settled, Look()
        self.decided = memory.get("decided", {})
        kept = memory.get("outboxes", {})
        self.outboxes = [Outbox(name, kept.get(name, {}), again, within) for name in channels(given)]
        self.written = {}

    def write(self, name, value):
        text = json.dumps(value)
        if self.written.get(name) != text:
            replace(f"{PLACE}/{name}", text)
            self.written[name] = text

    def round(self):
        seen, now, wall = self.look.now(), clock(), time.time()
        self.decided, said = decide(self.decided, seen, now, self.settled)
        if said:
            message = notify_text.compose(self.place, said, seen, lambda since: wall - (now - since), wall)
            print(f"notify.sh: {message['text']}", file=sys.stderr, flush=True)
            for outbox in self.outboxes:
                outbox.add(message)
        for outbox in self.outboxes:
            outbox.go_on(now, wall)
        self.write("memory.json", {"form": FORM, "decided": self.decided,
                                   "outboxes": {outbox.channel: outbox.keep() for outbox in self.outboxes}})
        self.write("delivery.json", [outbox.told() for outbox in self.outboxes])
        replace(f"{PLACE}/alive", f"{int(wall)}\n")


def main(script, every, settled, again, within):
    started = os.path.realpath(script)
    os.makedirs(PLACE, exist_ok=True)
    service, trouble = Service(settled, again, within), None
    while os.path.realpath(script) == started:
        try:
            service.round()
            trouble = None
        except (OSError, ValueError) as error:
            # A file that is being changed, or a full /run: said once. status says that nothing is looked at.
            if str(error) != trouble:
                print(f"notify.sh: {error}", file=sys.stderr, flush=True)
            trouble = str(error)
        time.sleep(every)


main(sys.argv[1], *map(float, sys.argv[2:]))
