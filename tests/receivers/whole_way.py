"""The whole way with Python's standard library alone: a link, the person's return, the webhook, the picture.

The receiver may be in any language. What is asked of it afterwards: forged, changed and old messages must be refused, and
one that comes twice must be booked once.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.request

intake, receiver = sys.argv[1:]
key, secret = os.environ["ADVANCE_INTAKE_KEY"], os.environ["ADVANCE_WEBHOOK_SECRET"]


def ask(url, body=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def until(wanted, what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = wanted()
        if found is not None:
            return found
        time.sleep(0.1)
    sys.exit(f"{what}: not within {seconds} s")


# 1. A link. Sent twice, as by a double click.
wanted = json.dumps({
    "returnUrl": "https://shop.example/verified",
    "failReturnUrl": "https://shop.example/not-verified",
    "userId": "sbx-ok",
    "state": "order 4711",
}).encode()
post = dict(authorization=f"Bearer {key}", idempotency_key=f"order-4711-{os.getpid()}", content_type="application/json")
status, made = ask(f"{intake}/verifications", wanted, **post)
assert status == 201, (status, made)
assert ask(f"{intake}/verifications", wanted, **post) == (200, made)
link = json.loads(made)
print("link for", link["signatureId"])

# 2. The person photographs the card; the sandbox's sbx-ok has done so. They are back:
status, nudged = ask(f"{intake}/verifications/{link['signatureId']}/nudge", b"", authorization=f"Bearer {key}")
assert status == 200, (status, nudged)


# 3. The webhook, which the receiver has verified.
def webhook():
    for name, event in json.loads(ask(receiver)[1]).items():
        if event["data"]["signatureId"] == link["signatureId"]:
            return name, event


name, event = until(webhook, "the webhook")
assert event["type"] == "verification.ended" and event["data"]["outcome"] == "passed", event
print("webhook", name, event["data"]["outcome"], "charges", event["data"]["charges"])


# 4. The picture.
def picture():
    status, bytes = ask(f"{intake}/verifications/{link['signatureId']}/pictures/image", authorization=f"Bearer {key}")
    return bytes if status == 200 else None


print("picture of", len(until(picture, "the picture")), "bytes")

# What a receiver must refuse.
body = json.dumps({"type": "verification.ended", "data": {"signatureId": "forged"}}).encode()


def signed(name, timestamp, body, secret=secret):
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    code = hmac.new(raw, b".".join([name.encode(), str(timestamp).encode(), body]), hashlib.sha256).digest()
    return dict(
        webhook_id=name,
        webhook_timestamp=str(timestamp),
        webhook_signature="v1," + base64.b64encode(code).decode(),
        content_type="application/json",
    )


now = int(time.time())
other = "whsec_" + base64.b64encode(b"x" * 32).decode()
for what, body_sent, headers in [
    ("another secret", body, signed("evt_a", now, body, other)),
    ("a changed body", body + b" ", signed("evt_b", now, body)),
    ("a changed id", body, {**signed("evt_c", now, body), "webhook_id": "evt_d"}),
    ("replayed after ten minutes", body, signed("evt_e", now - 600, body)),
    ("of the future", body, signed("evt_f", now + 600, body)),
    ("no signature", body, {**signed("evt_g", now, body), "webhook_signature": ""}),
]:
    status, _ = ask(receiver, body_sent, **headers)
    assert 400 <= status < 500, (what, status)
before = json.loads(ask(receiver)[1])
assert all(event["data"]["signatureId"] != "forged" for event in before.values())
again = json.dumps(event).encode()
for _ in range(2):
    status, _ = ask(receiver, again, **signed(name, now, again))
    assert 200 <= status < 300, status
assert json.loads(ask(receiver)[1]) == before, "booked once"
# While a secret is changed, a message has two signatures, and the second one is known here.
two = signed("evt_two", now, again)
two["webhook_signature"] = signed("evt_two", now, again, other)["webhook_signature"] + " " + two["webhook_signature"]
status, _ = ask(receiver, again, **two)
assert 200 <= status < 300, status
print("forged, changed, old: refused; twice: booked once; two signatures: taken")
