"""A receiver in Python, with the specification's own library: pip install standardwebhooks."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["ADVANCE_WEBHOOK_SECRET"])
# In earnest: a table with a unique column, written in the transaction that books the outcome.
seen = {}


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            event = webhook.verify(body, {name.lower(): value for name, value in self.headers.items()})
        except WebhookVerificationError:
            return self.answer(401)
        seen.setdefault(self.headers["webhook-id"], event)
        self.answer(204)

    def do_GET(self):
        self.answer(200, json.dumps(seen).encode())

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Receiver)
server.serve_forever()
