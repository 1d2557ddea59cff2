"""The collector with its intake and its webhooks, killed at random under load: nothing is charged twice, and every outcome
is delivered, in order.

    killed.py ADVANCE SANDBOX_URL FOLDER SECONDS
"""

import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

program, sandbox, folder, seconds = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
store = f"sqlite:{folder}/pending.db"
key = "a-key-of-the-intake"
seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
dice = random.Random(seed)
print("SEED", seed)
got, lock, calm = {}, threading.Lock(), threading.Event()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with lock:
            trouble = 0.5 if calm.is_set() else dice.random()
            if trouble >= 0.1:
                data = body["data"]
                got.setdefault(data["signatureId"], []).append((data["revision"], data["ending"]))
        # A tenth fails, a tenth is taken but its answer is lost.
        if trouble >= 0.9:
            return self.connection.close()
        self.send_response(500 if trouble < 0.1 else 204)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (ConnectionError, ValueError):
            self.close_connection = True


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
free = socket.create_server(("127.0.0.1", 0))
port = free.getsockname()[1]
free.close()
environment = {
    **{name: value for name, value in os.environ.items() if not name.startswith("ADVANCE_")},
    "ADVANCE_ACCESS_KEY": "sampleaccesskey",
    "ADVANCE_SECRET_KEY": "samplesecretkey",
    "ADVANCE_BASE_URL": sandbox,
    "ADVANCE_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "ADVANCE_INTAKE_KEY": key,
}


def collector(*more):
    run = [program, "collect", "run", "--store", store, "--notify", f"http://127.0.0.1:{server.server_port}/", *more]
    return subprocess.Popen(run, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def serving():
    return [collector("--intake", str(port)), collector()]


made, ended = {}, threading.Event()


def customers(number):
    """Makes links, one after another, and asks again with the same key until there is an answer."""
    count = 0
    while not ended.is_set():
        name = f"{number}-{count}"
        count += 1
        body = json.dumps({"returnUrl": "https://a.example/", "failReturnUrl": "https://a.example/", "userId": "sbx-ok"})
        head = {"authorization": f"Bearer {key}", "idempotency-key": name, "content-type": "application/json"}
        while not ended.is_set():
            try:
                request = urllib.request.Request(f"http://127.0.0.1:{port}/verifications", body.encode(), head)
                with urllib.request.urlopen(request, timeout=10) as reply:
                    made[name] = json.load(reply)["signatureId"]
                    break
            except OSError:
                time.sleep(0.1)
        time.sleep(0.2)


# The vendor's own record, by its numbers: it remembers the last ten thousand requests, and there are more.
journal, drained = {}, threading.Event()


def follow():
    while True:
        last = drained.is_set()
        with urllib.request.urlopen(f"{sandbox}/__sandbox/journal?since={max(journal, default=0)}&count=10000") as reply:
            journal.update((entry["n"], entry) for entry in json.load(reply))
        if last:
            return
        drained.wait(1)


following = threading.Thread(target=follow, daemon=True)
following.start()
threads = [threading.Thread(target=customers, args=(number,)) for number in range(4)]
processes = serving()
for thread in threads:
    thread.start()
begun, kills = time.monotonic(), 0
while time.monotonic() - begun < seconds:
    time.sleep(dice.uniform(0.2, 2.5))
    for process in processes:
        if dice.random() < 0.8:
            process.kill()
            process.wait()
            kills += 1
    processes = [p if p.poll() is None else collector(*(["--intake", str(port)] if i == 0 else [])) for i, p in enumerate(processes)]
ended.set()
for thread in threads:
    thread.join()
for process in processes:
    process.kill()
    process.wait()

# The receiver is well again. What failed several times would wait for hours, so it is sent again as a person would.
calm.set()


def ask(task, *more):
    run = [program, "collect", task, "--store", store, "--json", *more]
    return list(map(json.loads, subprocess.check_output(run, env=environment).splitlines()))


letters = ask("letters", "--state", "waiting", "--limit", "100000")
for at in range(0, len(letters), 500):
    ask("resend", *[letter["webhookId"] for letter in letters[at:at + 500]])
last = collector("--until-done")
assert last.wait(timeout=600) == 0, "the last one does not end"

status = ask("status")[0]
records = {record["signatureId"]: record for record in ask("export")}
drained.set()
following.join()
entries = list(journal.values())
paid = {}
for entry in entries:
    if entry.get("pricingStrategy") == "PAY" and "signatureId" in entry:
        paid[entry["signatureId"]] = paid.get(entry["signatureId"], 0) + 1
assert paid and max(paid.values()) == 1, {name: count for name, count in paid.items() if count > 1}
assert sorted(journal) == list(range(1, len(journal) + 1)), "the vendor's record has gaps"
answered = set(made.values())
assert len(made) == len(answered), "two keys, one link"
assert answered <= records.keys(), "a link that was answered is remembered"
assert status["waiting"] == 0 and status["untold"] == 0, status
assert status["letters"]["waiting"] == 0 and status["letters"]["dead"] == 0, status
for name, record in records.items():
    events = got.get(name)
    assert events, f"{name}: not delivered"
    revisions = [revision for revision, _ in events]
    assert revisions == sorted(revisions), (name, events)
    assert events[-1][1] == record["ending"], (name, events, record)
    # Asked once; a doubt ends it as unsure and is counted, and asks no second time.
    charges = record["charges"]
    assert charges["pay"] + charges["unknown"] <= 1, (name, charges)
doubts = sum(record["doubts"] for record in records.values())
deliveries = sum(map(len, got.values()))
print(
    f"{kills} kills in {seconds:.0f} s: {len(records)} verifications, {len(made)} links answered, {doubts} doubts, "
    f"{deliveries} deliveries, charges {status['charges']}; none charged twice, every outcome delivered"
)
