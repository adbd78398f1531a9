"""notify_test.py: sends a test message by each way that is configured (notify-test.sh).

stdout, JSON: [{"channel", "delivered", "error": null or what went wrong}]; null: no way is configured.
"""
import json
import os
import subprocess
import time

import notify_text
from notify_outbox import outcome, start
from notify_settings import channels, PATH, settings

# Seconds that a sender may take.
WITHIN = 20


def attempt(channel, message):
    process = start(channel, message)
    try:
        process.wait(WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        process.stdout.close()
        return {"channel": channel, "delivered": False, "error": f"no answer within {WITHIN} s"}
    delivered, error = outcome(process)
    return {"channel": channel, "delivered": delivered, "error": error}


def main():
    if not os.path.exists(PATH):
        return None
    given = settings()
    message = notify_text.test_message({"stack": given["stack"], "mirror": os.uname().nodename}, time.time())
    return [attempt(channel, message) for channel in channels(given)]


print(json.dumps(main()))
