"""The file of secrets that notify-configure.sh installs: stack, webhook, mail (notifyDocument.ts of src/render)."""
import json

PATH = "/etc/kvm-mirror/monitoring/notify.json"
CHANNELS = ["webhook", "mail"]


def settings():
    with open(PATH, encoding="utf-8") as file:
        return json.load(file)


def channels(given):
    """By which ways people are told."""
    return [name for name in CHANNELS if name in given]
