// A client of SocketRouter that behaves on the wire as the published one for browsers: requests carry an id, replies are
// matched by it, heartbeats keep the connection alive, and a connection that was lost is made again.

import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import WebSocket from "ws";

// A server that closes with these does not want to be called again.
const FINAL_CODES = [1008, 1011];

/** A request that was answered, but not with success. */
export class RequestError extends Error {
  constructor(reply) {
    super(`${reply.status} ${JSON.stringify(reply.payload)}`);
    this.reply = reply;
  }
}

/** A request whose connection has ended before its reply came. */
export class LostError extends Error {}

/**
 * Emits `open`, `pong`, `stray` (a reply that nobody waits for), `close` with its code, and `error`.
 *
 * - `heartbeat`: milliseconds between two heartbeats.
 * - `patience`: milliseconds to wait for the answer to one before the connection is given up.
 * - `delay`: milliseconds before a lost connection is made again.
 * - `headers`: sent with every request.
 * - `makeId`: returns the ids of requests.
 */
export class Client extends EventEmitter {
  #waiting = new Map();
  #options;
  #address;
  #socket;
  #beating;
  #patience;
  #leaving = false;

  constructor(address, options = {}) {
    super();
    this.#address = address;
    this.#options = {
      heartbeat: 60_000,
      patience: 59_000,
      delay: 50,
      headers: {},
      makeId: randomUUID,
      ...options,
    };
    this.#connect();
  }

  /** How many requests wait for their replies. */
  get pending() {
    return this.#waiting.size;
  }

  /** Return a promise of the reply to a request, which rejects where the status is not one of success. */
  request(route, payload, headers = {}, uuid = this.#options.makeId()) {
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN) {
        reject(new LostError("not connected"));
        return;
      }
      this.#waiting.set(uuid, { resolve, reject });
      this.#send({ headers, uuid, route, payload, status: 200 });
    });
  }

  /** Leave for good; resolves when the connection has ended. */
  close() {
    this.#leaving = true;
    const closed = new Promise((resolve) => this.#socket.once("close", resolve));
    this.#socket.close();
    return closed;
  }

  #connect() {
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    socket.on("open", () => {
      this.#beating = setInterval(() => this.#beat(), this.#options.heartbeat);
      this.emit("open");
    });
    socket.on("message", (data) => this.#take(JSON.parse(data.toString())));
    socket.on("close", (code) => this.#end(code));
    socket.on("error", (error) => this.emit("error", error));
  }

  // A key whose value is undefined is not sent at all, as JSON.stringify has it.
  #send(message) {
    this.#socket.send(JSON.stringify({ ...message, headers: { ...this.#options.headers, ...message.headers } }));
  }

  #beat() {
    this.#send({ headers: {}, uuid: randomUUID(), route: "PING", payload: {}, status: 200 });
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#socket.close(), this.#options.patience);
  }

  #take(message) {
    if (message.route === "PONG") {
      clearTimeout(this.#patience);
      this.emit("pong", message);
      return;
    }
    const waiting = this.#waiting.get(message.uuid);
    if (waiting === undefined) {
      this.emit("stray", message);
      return;
    }
    this.#waiting.delete(message.uuid);
    if (message.status < 300) {
      waiting.resolve(message);
    } else {
      waiting.reject(new RequestError(message));
    }
  }

  #end(code) {
    clearInterval(this.#beating);
    clearTimeout(this.#patience);
    for (const { reject } of this.#waiting.values()) {
      reject(new LostError(`closed with ${code}`));
    }
    this.#waiting.clear();
    this.emit("close", code);
    if (!this.#leaving && !FINAL_CODES.includes(code)) {
      setTimeout(() => this.#leaving || this.#connect(), this.#options.delay);
    }
  }
}
