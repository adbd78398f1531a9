#!/usr/bin/env python3
"""qmp.py DOMAIN_FOLDER COMMAND: QEMU's monitor as far as the scripts use it, for the disks that a domain got by arguments.

Keeps in qemu.json which nodes and devices there are; in the beginning those of live.xml, as QEMU was started with them.
Answers and errors are QEMU 7.2's own words.
"""
import json
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

folder, command = sys.argv[1], json.loads(sys.argv[2])
path = os.path.join(folder, "qemu.json")


def started():
    args = [arg.get("value") for arg in ElementTree.parse(os.path.join(folder, "live.xml")).iter("{http://libvirt.org/schemas/domain/qemu/1.0}arg")]
    pairs = [(option, json.loads(value)) for option, value in zip(args[::2], args[1::2])]
    return {
        "nodes": {node["node-name"]: node for option, node in pairs if option == "-blockdev"},
        "devices": {device["id"]: device for option, device in pairs if option == "-device"},
    }


def answer(state, name, arguments):
    if name == "query-status":
        return {"status": open(os.path.join(folder, "qemu-status")).read().strip(), "running": False}
    nodes, devices = state["nodes"], state["devices"]
    url = lambda node: "nbd://{0[server][host]}:{0[server][port]}/{0[export]}".format(node)
    if name == "query-block":
        return [
            {"io-status": "ok", "device": "", "inserted": {"image": {"filename": url(nodes[device["drive"]])}, "node-name": device["drive"]},
             "qdev": f"/machine/peripheral/{key}/virtio-backend", "type": "unknown"}
            for key, device in devices.items() if "drive" in device
        ]
    if name == "query-named-block-nodes":
        return [{"node-name": node, "file": url(nodes[node])} for node in nodes]
    if name == "qom-get":
        return devices[arguments["path"].rsplit("/", 1)[1]][arguments["property"]]
    if name == "blockdev-add":
        if os.path.exists(os.path.join(folder, "..", "unreachable")):
            raise ValueError("Failed to connect to '10.20.0.10:10809': Connection refused")
        nodes[arguments["node-name"]] = arguments
    elif name == "blockdev-del":
        if arguments["node-name"] not in nodes:
            raise ValueError(f"Failed to find node with node-name='{arguments['node-name']}'")
        del nodes[arguments["node-name"]]
    elif name == "device_add":
        if os.path.exists(os.path.join(folder, "q35")):
            raise ValueError("Bus 'pcie.0' does not support hotplugging")
        if os.path.exists(os.path.join(folder, "full")):
            raise ValueError(open(os.path.join(folder, "full")).read())
        devices[arguments["id"]] = arguments
    elif name == "device_del":
        if not os.path.exists(os.path.join(folder, "stubborn")):
            del devices[arguments["id"]]
    else:
        raise ValueError(f"The command {name} has not been found")
    return {}


state = json.load(open(path)) if os.path.exists(path) else started()
try:
    result = {"return": answer(state, command["execute"], command.get("arguments", {})), "id": "libvirt-7"}
except ValueError as error:
    result = {"id": "libvirt-7", "error": {"class": "GenericError", "desc": str(error)}}
json.dump(state, open(path, "w"))
print(json.dumps(result, separators=(",", ":")))
