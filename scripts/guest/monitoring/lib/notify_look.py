"""One look at the volumes of this mirror, as notify_decide.py wants it: /proc/drbd, and what scripts left behind."""
import os
import sys

import drbd_proc
import mirror_files as files
import write_times
from notify_decide import is_whole

# Volumes that have been whole once: one a line, with the generation of its data. The first synchronisation of others
# is no loss. It outlives a reboot: after a power cut both mirrors begin with a synchronisation, which is one.
RECORD = "/var/lib/kvm-mirror/notify.whole"
CONFIGURED = ("/etc/drbd.d", "/etc/kvm-mirror")


def generation(volume):
    """Of its data: counted up when a volume starts anew, empty (drbd-first-sync.sh)."""
    return (files.text_of(f"/var/lib/kvm-mirror/{volume}.first-sync") or "1").strip()


def replace(path, text):
    """Small files appear whole."""
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.new", path)


class Look:
    def __init__(self):
        self.changed, self.volumes, self.group_of = None, {}, {}
        known = [line.split() for line in (files.text_of(RECORD) or "").splitlines()]
        self.been_whole, self.whole = dict(words for words in known if len(words) == 2), set()

    def read_configuration(self):
        """Again only when a file has come, gone or been replaced."""
        changed = [os.stat(path).st_mtime_ns if os.path.exists(path) else None for path in CONFIGURED]
        if changed == self.changed:
            return
        self.volumes = files.volumes()
        self.group_of = {volume: group for group, known in files.groups().items() for volume in known["VOLUMES"]}
        self.changed = changed

    def remember_whole(self, names):
        """names: of the volumes that are whole in this look."""
        new = {name: generation(name) for name in names - self.whole}
        self.whole = names
        if all(self.been_whole.get(name) == number for name, number in new.items()):
            return
        self.been_whole.update(new)
        try:
            replace(RECORD, "".join(f"{name} {number}\n" for name, number in sorted(self.been_whole.items())))
        except OSError as error:
            print(f"notify.sh: {RECORD} cannot be written ({error.strerror}): after a reboot a synchronisation may "
                  "be taken for the first one, and nobody told of it", file=sys.stderr, flush=True)

    def first_sync(self, name, volume):
        """Never whole in this generation, and a copy is still empty: before or in its first synchronisation."""
        if "Inconsistent" not in (volume["disk"], volume["peer_disk"]):
            return False
        return self.been_whole.get(name) != generation(name)

    def now(self):
        self.read_configuration()
        states = drbd_proc.read(files.text_of(os.environ.get("PROC_DRBD", "/proc/drbd")) or "")
        seen = {name: states.get(minor, drbd_proc.DOWN) for name, minor in self.volumes.items()}
        times = write_times.now()
        self.remember_whole({name for name, volume in seen.items() if is_whole(volume)})
        return {
            name: {
                **{key: volume[key] for key in ("connection", "role", "peer_role", "disk", "peer_disk", "suspended")},
                "group": self.group_of.get(name, ""),
                "frozen": os.path.exists(f"/run/kvm-mirror/frozen/{name}"),
                "first_sync": self.first_sync(name, volume),
                "differing": volume["numbers"].get("oos", 0),
                "writes": times.get(name, write_times.UNKNOWN),
            }
            for name, volume in seen.items()
        }
