"""cluster_state.py: what crm_mon's XML on stdin says of the cluster, as plain lines for the shell (cluster-state.sh).

cluster - quorum=BOOL maintenance=BOOL
node NAME online=BOOL standby=BOOL pending=BOOL unclean=BOOL
resource ID NODE active=BOOL steady=BOOL
fencing NAME status=success|failed|pending fails=BOOL

A resource has a line for each node on which an instance of it is, or one with "-"; ID is without an instance's number.
Steady: Started, neither failed nor blocked, and no action pending. Fencing: how the last attempt at a node has ended, and whether one has failed since the last that succeeded. A BOOL is true or false; what the XML does not say is false. Exit status 1, with nothing printed, when stdin is no such XML; with a message, unless the reason is that
Pacemaker did not answer. A cluster that cannot be read must not be taken for one without resources.
"""
import sys
import xml.etree.ElementTree as tree

AT_WORK = ("Start", "Stop", "Migrat")


def words(element, *names):
    return " ".join(f"{name}={'true' if element.get(name) == 'true' else 'false'}" for name in names)


def truth(value):
    return "true" if value else "false"


def steady(resource):
    # A start that has not ended is "Starting", as the role or as what is pending.
    return (
        resource.get("role") == "Started"
        and resource.get("failed") == "false"
        and resource.get("blocked") == "false"
        and not resource.get("pending", "").startswith(AT_WORK)
    )


def fencing(shown):
    """Attempts at each node. One that has not ended yet is newer than all."""
    attempts = {}
    for event in shown.findall("fence_history/fence_event"):
        ended = (event.get("completed") or "~", event.get("status", "-"))
        attempts.setdefault(event.get("target"), []).append(ended)
    attempts.pop(None, None)
    for target, ended in attempts.items():
        fails = False
        for _, status in sorted(ended):
            fails = status == "failed" or (fails and status != "success")
        yield f"fencing {target} status={max(ended)[1]} fails={truth(fails)}"


def lines(shown):
    def said(path, name):
        return truth(any(element.get(name) == "true" for element in shown.findall(path)))

    quorum = said("summary/current_dc", "with_quorum")
    yield f"cluster - quorum={quorum} maintenance={said('summary/cluster_options', 'maintenance-mode')}"
    for node in shown.findall("nodes/node"):
        yield f"node {node.get('name')} {words(node, 'online', 'standby', 'pending', 'unclean')}"
    for resource in shown.findall("resources//resource"):
        known = f"{words(resource, 'active')} steady={truth(steady(resource))}"
        for name in [node.get("name") for node in resource.findall("node")] or ["-"]:
            yield f"resource {resource.get('id', '').split(':')[0]} {name} {known}"
    yield from fencing(shown)


def main():
    text = sys.stdin.read()
    if not text.strip():
        sys.exit(1)
    try:
        shown = tree.fromstring(text)
    except tree.ParseError as error:
        sys.exit(f"cluster_state.py: crm_mon's output is no XML: {error}")
    if shown.find("summary") is None or shown.find("nodes") is None:
        # Without Pacemaker it says so in a status of its own.
        unknown = shown.find("status[@code='0']") is not None or shown.find("status") is None
        sys.exit("cluster_state.py: crm_mon's XML has no summary or no nodes" if unknown else 1)
    print("\n".join(lines(shown)))


main()
