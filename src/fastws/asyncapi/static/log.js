// The frames of both directions, newest last: bounded, and drawn once a screen refresh however many there are.

import { copy, el, fold } from "./dom.js";

const ENTRIES = 1000;
const CHARACTERS = 16_000_000; // of all entries
const SHOWN = 100_000; // of one

const ARROWS = { in: ["↓", "received"], out: ["↑", "sent"], event: ["•", "connection"] };

export class Log {
	#entries = [];
	#waiting = [];
	#dropped = 0;
	#characters = 0;
	#unseen = 0;
	#follows = true;

	/** `identify(entry)` gives an entry its name before it is drawn. */
	constructor(identify) {
		this.identify = identify;
		for (const part of ["list", "latest", "search", "direction", "style", "clear", "copy", "total", "nothing"]) {
			this[part] = document.getElementById(`log-${part}`);
		}
		this.list.onscroll = () => this.#look();
		this.latest.onclick = () => this.#follow();
		this.search.oninput = this.direction.oninput = () => this.#filter();
		this.style.oninput = () => this.list.querySelectorAll("pre").forEach((pre) => pre.write());
		this.clear.onclick = () => this.#empty();
		this.copy.onclick = () => copy(this.#entries.filter(({ row }) => !row.hidden).map(write).join("\n"), this.copy);
	}

	/** Add `{direction, text}`, and what else `identify` shall find. */
	add(entry) {
		Object.assign(entry, { time: new Date(), at: performance.now() });
		if (!this.#waiting.length) requestAnimationFrame(() => this.#draw());
		this.#waiting.push(entry);
		// A page in the background is not drawn: what nobody would see is let go.
		if (this.#waiting.length > ENTRIES) this.#dropped += this.#waiting.splice(0, ENTRIES / 2).length;
		return entry;
	}

	#empty() {
		this.#entries = [];
		this.#dropped = this.#characters = this.#unseen = 0;
		this.list.replaceChildren();
		this.#count();
	}

	#draw() {
		const fresh = this.#waiting.splice(0);
		for (const entry of fresh) {
			this.identify(entry);
			entry.row = buildRow(entry, this.style);
			entry.row.hidden = !this.#shows(entry);
			this.list.append(entry.row);
			this.#entries.push(entry);
			this.#characters += entry.text.length;
		}
		while (this.#entries.length > ENTRIES || (this.#characters > CHARACTERS && this.#entries.length > 1)) {
			const { text, row } = this.#entries.shift();
			row.remove();
			this.#characters -= text.length;
			this.#dropped += 1;
		}
		this.#unseen += fresh.length;
		if (this.#follows) this.#follow();
		else this.#count();
	}

	#look() {
		this.#follows = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 40;
		this.#count();
	}

	#follow() {
		this.#follows = true;
		this.list.scrollTop = this.list.scrollHeight;
		this.#count();
	}

	#count() {
		if (this.#follows) this.#unseen = 0;
		this.latest.hidden = this.#follows;
		this.latest.textContent = this.#unseen ? `${this.#unseen} new ↓` : "To the end ↓";
		const dropped = this.#dropped ? `, ${this.#dropped} older ones dropped` : "";
		this.total.textContent = `${this.#entries.length} entries${dropped}`;
		this.nothing.hidden = this.#entries.length > 0;
	}

	#shows({ direction, problem, name, text }) {
		const wanted = this.direction.value;
		if (wanted && wanted !== direction && !(wanted === "odd" && problem)) return false;
		return `${name ?? ""} ${text}`.toLowerCase().includes(this.search.value.toLowerCase());
	}

	#filter() {
		for (const entry of this.#entries) entry.row.hidden = !this.#shows(entry);
		if (this.#follows) this.#follow();
	}
}

const write = ({ time, direction, name, text }) => [writeTime(time), ARROWS[direction][1], name, text].filter(Boolean).join("  ");

const writeTime = (time) => `${time.toTimeString().slice(0, 8)}.${String(time.getMilliseconds()).padStart(3, "0")}`;

function buildRow(entry, style) {
	const { time, direction, name, problem, text, note, size, isTrouble } = entry;
	const [arrow, words] = ARROWS[direction];
	const line = [
		el("time", {}, writeTime(time)),
		el("span", { class: "arrow", role: "img", "aria-label": words, title: words }, arrow),
		name && el("b", {}, name),
		problem && el("span", { class: "badge" }, problem),
		el("span", { class: "preview" }, direction === "event" ? text : text.slice(0, 300)),
		note && el("span", { class: "note" }, note),
		size !== undefined && el("span", { class: "size" }, `${size} B`),
	];
	const isEvent = direction === "event";
	const row = isEvent ? el("div", { class: "line" }, ...line) : fold(el("summary", { class: "line" }, ...line), () => buildBody(entry, style));
	return el("li", { class: `entry ${direction}${problem ? " odd" : ""}${isTrouble ? " trouble" : ""}` }, row);
}

function buildBody({ text, isBinary, why, errors = [] }, style) {
	const pre = el("pre", { tabindex: 0, "aria-label": "Content" });
	pre.write = () => (pre.textContent = shorten(style.value === "raw" ? text : prettify(text)));
	pre.write();
	const button = el("button", { type: "button", class: "quiet" }, "Copy");
	button.addEventListener("click", () => copy(text, button));
	const about = [isBinary && "A binary frame.", why].filter(Boolean).join(" ");
	return el("div", { class: "body" }, about && el("p", { class: "note" }, about), errors.length && listErrors(errors), pre, button);
}

export const listErrors = (errors) =>
	el("ul", { class: "errors" }, ...errors.map(({ path, message }) => el("li", {}, path && el("code", {}, path), ` ${message}`)));

function prettify(text) {
	try {
		return JSON.stringify(JSON.parse(text), null, 2);
	} catch {
		return text;
	}
}

const shorten = (text) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}\n… ${text.length - SHOWN} characters more, which Copy has` : text);
