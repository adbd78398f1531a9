"""merge_cib.py CURRENT OURS: the cluster's configuration (CIB) on stdout, with our part in place of an earlier one.

CURRENT is the whole CIB as cibadmin prints it, OURS a <configuration>. All resources and resource defaults are ours.
Of cluster properties and constraints only those are ours whose id begins with "kvm-mirror-": DRBD's constraints,
Pacemaker's own options, an operator's moves and standby marks stay.
Where that changes anything the result has the next epoch: without it Pacemaker takes a patch for an old one.
"""
import sys
import xml.etree.ElementTree as tree

PREFIX = "kvm-mirror-"
WHOLE = ("resources", "rsc_defaults")
MIXED = ("crm_config", "constraints")


def section(configuration, name):
    found = configuration.find(name)
    return tree.SubElement(configuration, name) if found is None else found


def merge(cib, ours):
    before = tree.canonicalize(tree.tostring(cib, encoding="unicode"), strip_text=True)
    configuration = cib.find("configuration")
    for name in WHOLE + MIXED:
        present, wanted = section(configuration, name), section(ours, name)
        for child in list(present):
            if name in WHOLE or child.get("id", "").startswith(PREFIX):
                present.remove(child)
        # In front: of two property sets with the same value in them, Pacemaker reads the first.
        for position, child in enumerate(wanted):
            present.insert(position, child)
    if tree.canonicalize(tree.tostring(cib, encoding="unicode"), strip_text=True) != before:
        cib.set("epoch", str(int(cib.get("epoch", "0")) + 1))
        cib.set("num_updates", "0")
    return cib


if __name__ == "__main__":
    current, ours = (tree.parse(path).getroot() for path in sys.argv[1:3])
    tree.ElementTree(merge(current, ours)).write(sys.stdout, encoding="unicode")
