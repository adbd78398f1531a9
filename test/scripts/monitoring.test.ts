import { afterAll, beforeAll, expect, test } from "vitest";
import { Machine } from "./machine.ts";

let machine: Machine;
const unit = "prometheus-node-exporter.service";
const wants = "/etc/systemd/system/multi-user.target.wants";
const document = (listen = "127.0.0.1:9100") => `stack lab\nlisten ${listen}\nend\n`;
const configure = (stdin: string) => machine.guest("monitoring-configure.sh", [], stdin);
const shown = (listen: string) => machine.sh(`curl --silent --fail --max-time 5 http://${listen}/metrics`).stdout;
const atBoot = () => machine.ok(`ls ${wants} | grep -E "^(kvm-mirror|prometheus)" || true`);
const listeners = () => machine.ok("ss -Hltn | awk '{ print $4 }' | sort");
const commands = () => machine.ok("cat /run/units/commands 2>/dev/null; rm -f /run/units/commands");

/** Serves the files of the textfile collector, as node_exporter does with its own metrics beside. */
const exporter = `#!/usr/bin/python3
import argparse, glob, http.server
options = argparse.ArgumentParser()
options.add_argument("--web.listen-address", dest="listen")
options.add_argument("--collector.textfile.directory", dest="files")
given = options.parse_args()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        for path in glob.glob(given.files + "/*.prom"):
            self.wfile.write(open(path, "rb").read())
host, port = given.listen.split(":")
http.server.ThreadingHTTPServer((host, int(port)), Handler).serve_forever()
`;

beforeAll(async () => {
  machine = await Machine.start();
  machine.play("journalctl", "true");
  machine.ok("cat >/root/exporter", exporter);
  machine.ok("rm -f /usr/bin/prometheus-node-exporter");
  machine.play(
    "apt-get",
    `echo "$*" >>/run/apt; [[ ! -e /run/apt-fails ]] || { echo 'E: no archive' >&2; exit 100; }
     [[ $* != *install* ]] || install -m 0755 /root/exporter /usr/bin/prometheus-node-exporter`,
  );
});
afterAll(() => machine?.stop());

test.each([
  ["cut short", "stack lab\nlisten 10.30.0.11:9100\n", "does not end with 'end'"],
  ["without a stack", "listen 10.30.0.11:9100\nend\n", "names no stack"],
  ["with a host name", "stack lab\nlisten mirror-a:9100\nend\n", "no address to listen at"],
  ["with something else", "stack lab\nport 1\nend\n", "has a line 'port 1'"],
])("refuses a document %s, and installs nothing", (_, stdin, words) => {
  expect(configure(stdin)).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
  expect(machine.sh("ls /etc/kvm-mirror/monitoring /run/apt").stdout).toBe("");
});

test("says which package cannot be had, and the way out", () => {
  machine.ok("touch /run/apt-fails");
  const { status, stderr } = configure(document());
  expect({ status, stderr }).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("the package prometheus-node-exporter could not be installed"),
  });
  expect(stderr).toContain("kvm-mirror:packages");
  machine.ok("rm /run/apt-fails");
});

test("installs node_exporter, which from its first start on listens at one address, and shows the metrics", () => {
  const { status, stderr } = configure(document());
  expect({ status, stderr }).toMatchObject({
    status: 0,
    stderr: expect.stringContaining("metrics are at http://127.0.0.1:9100/metrics"),
  });
  expect(machine.ok("cat /run/apt")).toContain("install -y --no-install-recommends prometheus-node-exporter");
  expect(listeners()).toBe("127.0.0.1:9100");
  expect(shown("127.0.0.1:9100")).toContain('kvm_mirror_info{stack="lab"');
  expect(atBoot()).toBe(`kvm-mirror-metrics.timer\n${unit}`);
  expect(machine.ok(`cat /etc/systemd/system/${unit}.d/kvm-mirror.conf`)).toMatchInlineSnapshot(`
    "# Written by monitoring-configure.sh of kvm-mirror (kvm-mirror:monitoring.nodeExporter).
    [Unit]
    Wants=network-online.target
    After=network-online.target

    [Service]
    ExecStart=
    ExecStart=/usr/bin/prometheus-node-exporter --web.listen-address=127.0.0.1:9100 --collector.textfile.directory=/var/lib/prometheus/node-exporter
    Restart=on-failure
    RestartSec=5"
  `);
});

test("run again it starts nothing anew, and installs nothing", () => {
  machine.ok("rm -f /run/apt");
  commands();
  expect(configure(document())).toMatchObject({ status: 0 });
  expect(machine.sh("cat /run/apt").stdout).toBe("");
  expect(commands()).not.toContain("restart");
});

test("another address takes the place of the one before", () => {
  expect(configure(document("127.0.0.2:9101"))).toMatchObject({ status: 0 });
  expect(listeners()).toBe("127.0.0.2:9101");
});

test("taken back, nothing listens and nothing is written any more", () => {
  for (const time of ["once", "twice"]) expect([time, machine.guest("monitoring-remove.sh").status]).toEqual([time, 0]);
  expect(listeners()).toBe("");
  expect(atBoot()).toBe("");
  expect(machine.sh(`ls /var/lib/prometheus/node-exporter /etc/systemd/system/${unit}.d`).stdout.trim()).toBe(
    "/var/lib/prometheus/node-exporter:",
  );
});

test("a port that another program has is refused, and nothing is changed", () => {
  machine.ok(
    "setsid python3 -m http.server --bind 127.0.0.1 9100 >/dev/null 2>&1 & echo $! >/run/other; " +
      "for i in $(seq 100); do ss -Hltn | grep -q 127.0.0.1:9100 && exit; sleep 0.1; done; exit 1",
  );
  expect(configure(document())).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("another program listens on 127.0.0.1:9100"),
  });
  expect(machine.sh("ls /etc/kvm-mirror/monitoring").stdout).toBe("");
  machine.ok("kill $(cat /run/other)");
});
