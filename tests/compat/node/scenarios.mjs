// Run one scenario against a server and print what came of it as JSON: node scenarios.mjs NAME ADDRESS

import { once } from "node:events";
import { Client, LostError, RequestError } from "./client.mjs";

async function open(address, options) {
  const client = new Client(address, options);
  client.strays = [];
  client.pongs = 0;
  client.on("stray", (message) => client.strays.push(message));
  client.on("pong", () => (client.pongs += 1));
  await once(client, "open");
  return client;
}

/** Return the status and the payload of a reply, whatever they are. */
async function outcome(promise) {
  try {
    const { status, payload } = await promise;
    return [status, payload];
  } catch (error) {
    if (error instanceof RequestError) return [error.reply.status, error.reply.payload];
    if (error instanceof LostError) return ["lost", error.message];
    throw error;
  }
}

function counter() {
  let last = 0;
  return () => (last += 1);
}

const SCENARIOS = {
  // Replies come as soon as they are there, and heartbeats between them.
  async crowd(address) {
    const client = await open(address, { heartbeat: 10, patience: 30_000 });
    const order = [];
    const requests = Array.from({ length: 1000 }, async (_, number) => {
      const { payload } = await client.request("later", { ms: (number * 7) % 5, number });
      order.push(number);
      return payload === number;
    });
    const sent = client.pending;
    const right = (await Promise.all(requests)).filter(Boolean).length;
    await once(client, "pong");
    const inOrder = order.every((number, place) => number === place);
    return { sent, right, pending: client.pending, inOrder, pongs: client.pongs > 1, strays: client.strays };
  },

  async numbers(address) {
    const client = await open(address, { makeId: counter() });
    const replies = await Promise.all([30, 20, 10, 0].map((ms) => client.request("later", { ms, number: ms })));
    const odd = [0, -1, Number.MAX_SAFE_INTEGER, "1", "", "naïve 🚀"];
    const echoed = await Promise.all(odd.map((uuid) => client.request("echo", 1, {}, uuid)));
    return {
      ids: replies.map(({ uuid }) => uuid),
      payloads: replies.map(({ payload }) => payload),
      odd: echoed.every(({ uuid }, place) => uuid === odd[place]),
    };
  },

  async values(address) {
    const client = await open(address, { headers: { token: "geheim" } });
    const text = "naïve Ω ✓ 🚀 \u2028 \u0000 \"quoted\" \\ and 日本語";
    const values = [text, { [text]: [text] }, [], {}, null, 0, false, "", 1.5, Number.MAX_SAFE_INTEGER, [[null, true]]];
    const replies = await Promise.all(values.map((value) => client.request("echo", value, { extra: text })));
    const missing = await client.request("echo", undefined);
    return {
      same: replies.every(({ payload }, place) => JSON.stringify(payload) === JSON.stringify(values[place])),
      headers: replies.every(({ headers }) => headers.token === "geheim" && headers.extra === text),
      missing: missing.payload,
    };
  },

  async big(address) {
    const client = await open(address);
    const payload = "🚀".repeat(250_000);
    const reply = await client.request("echo", payload);
    const length = await client.request("length", "x".repeat(1_000_000));
    const closed = once(client, "close");
    const refused = outcome(client.request("length", "x".repeat(1_100_000)));
    const [code] = await closed;
    await once(client, "open");
    const again = await client.request("echo", "again");
    return { same: reply.payload === payload, length: length.payload, refused: await refused, code, again: again.payload };
  },

  async statuses(address) {
    const client = await open(address);
    const requests = {
      200: client.request("status", 200),
      201: client.request("status", 201),
      204: client.request("status", 204),
      402: client.request("status", 402),
      404: client.request("status", 404),
      503: client.request("status", 503),
      illegal: client.request(5),
      check: client.request("checked", -1),
      invalid: client.request("typed", "many"),
      access: client.request("guarded", 1),
      unknown: client.request("nowhere", 1),
      raises: client.request("raises", 1),
      refuses: client.request("refuses", 1),
      valid: client.request("typed", 20),
    };
    const outcomes = {};
    for (const [name, promise] of Object.entries(requests)) outcomes[name] = await outcome(promise);
    const rejected = await client.request("status", 300).then(
      () => false,
      (error) => error instanceof RequestError,
    );
    return { outcomes, rejected, strays: client.strays };
  },

  async duplicates(address) {
    const client = await open(address);
    const first = client.request("later", { ms: 0, number: 1 }, {}, "same");
    first.catch(() => undefined);
    const second = client.request("later", { ms: 30, number: 2 }, {}, "same");
    await second;
    await client.request("later", { ms: 60, number: 3 });
    return { strays: client.strays.map(({ uuid }) => uuid) };
  },

  async reconnects(address) {
    const client = await open(address);
    const codes = [];
    client.on("close", (code) => codes.push(code));
    const answers = [];
    for (const code of [1000, 1001, 1012, 4000]) {
      const reopened = once(client, "open");
      const slow = outcome(client.request("later", { ms: 5_000, number: 0 }));
      client.request("leave", code).catch(() => undefined);
      const lost = await slow;
      await reopened;
      answers.push([lost, (await client.request("echo", code)).payload]);
    }
    return { codes, answers, pending: client.pending };
  },

  async stays(address) {
    const client = await open(address);
    let reopened = false;
    client.request("leave", 1008).catch(() => undefined);
    const [code] = await once(client, "close");
    client.on("open", () => (reopened = true));
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { code, reopened, after: await outcome(client.request("echo", 1)) };
  },

  async refused(address) {
    const client = new Client(`${address}/members`);
    const [error] = await once(client, "error");
    return { message: error.message };
  },

  async idle(address) {
    const client = await open(address, { heartbeat: 20, patience: 5_000 });
    while (client.pongs < 10) await once(client, "pong");
    return { pongs: client.pongs, strays: client.strays };
  },
};

const [name, address] = process.argv.slice(2);
console.log(JSON.stringify(await SCENARIOS[name](address)));
// Whoever still waits for something is not waited for.
process.exit(0);
