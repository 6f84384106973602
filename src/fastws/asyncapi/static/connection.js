// The live socket: opened, lost, opened again.

const CODES = {
	1001: "the server goes away", 1005: "no code", 1006: "lost", 1008: "not allowed, or invalid parameters",
	1009: "too big", 1011: "the server failed", 1012: "the server restarts",
};

// What a server did not mean to end: after any other code it would be rude to come back at once.
const LOST = [1001, 1006, 1012, 1013];

export class Connection {
	state = "idle"; // or connecting, open, waiting
	isAutomatic = false;
	#socket = null;
	#failures = 0;
	#timer;
	#target;

	/** `listener` has `onState(state, words)`, `onEvent(words, isTrouble)` and `onFrame(data)`. */
	constructor(listener) {
		this.listener = listener;
	}

	/** Open `{address, shown, protocols}` instead of what is open; `shown` has no secrets. */
	open(target) {
		this.#drop();
		this.#target = target;
		this.#failures = 0;
		this.#connect();
	}

	close(words) {
		if (this.state === "idle") return;
		this.#drop();
		this.listener.onEvent(words);
		this.#become("idle", "Not connected");
	}

	send(data) {
		this.#socket.send(data);
	}

	#become(state, words) {
		this.state = state;
		this.listener.onState(state, words);
	}

	#drop() {
		clearTimeout(this.#timer);
		const socket = this.#socket;
		this.#socket = null; // from here on nothing counts that it says
		socket?.close(1000);
	}

	#connect() {
		const { address, shown, protocols } = this.#target;
		this.#become("connecting", "Connecting …");
		try {
			this.#socket = new WebSocket(address, protocols);
		} catch (error) {
			this.listener.onEvent(`Cannot connect: ${error.message}`, true);
			return this.#become("idle", "Not connected");
		}
		const socket = this.#socket;
		const whileCurrent = (listener) => (event) => socket === this.#socket && listener(event);
		let wasOpen = false;
		socket.binaryType = "arraybuffer";
		socket.onopen = whileCurrent(() => {
			wasOpen = true;
			this.#failures = 0;
			this.listener.onEvent(`Connected to ${shown}${socket.protocol && `, subprotocol ${socket.protocol}`}`);
			this.#become("open", "Connected");
		});
		socket.onmessage = whileCurrent(({ data }) => this.listener.onFrame(data));
		socket.onclose = whileCurrent(({ code, reason }) => this.#lose(code, reason, wasOpen));
	}

	#lose(code, reason, wasOpen) {
		this.#socket = null;
		const why = wasOpen ? `Closed with ${code}: ${reason || CODES[code] || "no reason"}` : `No connection to ${this.#target.shown}`;
		const hint = wasOpen ? "" : ". The server is down, or refused it (parameters, token, origin); pages are not told which";
		this.listener.onEvent(why + hint, code !== 1000);
		const words = wasOpen ? why : "No connection";
		if (!this.isAutomatic || (wasOpen ? !LOST.includes(code) : !this.#failures)) return this.#become("idle", words);
		// With some chance in it, so that not all pages come back at once.
		const delay = Math.min(30_000, 500 * 2 ** this.#failures++) * (0.75 + Math.random() / 2);
		this.#become("waiting", `${words}. Trying again in ${(delay / 1000).toFixed(1)} s`);
		this.#timer = setTimeout(() => this.#connect(), delay);
	}
}
