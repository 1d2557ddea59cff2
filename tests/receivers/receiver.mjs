// A receiver in JavaScript, with the specification's own library: npm install standardwebhooks.

import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.ADVANCE_WEBHOOK_SECRET);
// In earnest: a table with a unique column, written in the transaction that books the outcome.
const seen = new Map();

createServer(async (request, response) => {
  if (request.method === "GET") return response.end(JSON.stringify(Object.fromEntries(seen)));
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  let event;
  try {
    // The body as it came, not parsed and written again.
    event = webhook.verify(Buffer.concat(pieces).toString("utf8"), request.headers);
  } catch {
    return response.writeHead(401).end();
  }
  const id = request.headers["webhook-id"];
  if (!seen.has(id)) seen.set(id, event);
  response.writeHead(204).end();
}).listen(Number(process.env.PORT), "127.0.0.1");
