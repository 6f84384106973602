// The page: what is chosen, what is written, what is sent, and what came back.

import { Connection } from "./connection.js";
import { fetchDocument, readDocument } from "./document.js";
import { el } from "./dom.js";
import { buildForm } from "./form.js";
import { listErrors, Log } from "./log.js";
import { isObject, validate } from "./schema.js";
import { Settings } from "./settings.js";
import { buildTree } from "./words.js";

const PENDING = 1000; // requests without a reply

const byId = (id) => document.getElementById(id);
const on = (id, type, listener) => byId(id).addEventListener(type, listener);
const show = (id, isShown) => (byId(id).hidden = !isShown);
const say = (id, text) => (byId(id).textContent = text);

const log = new Log(identify);
const connection = new Connection({
	onState: showState,
	onEvent: (text, isTrouble) => log.add({ direction: "event", text, isTrouble }),
	onFrame: receive,
});
const settings = new Settings(byId("settings"), showAddress);
const editor = byId("editor");
const pending = new Map();

let api, channel, message, target, form;
let errors = [];
let lastId = 1;

async function start() {
	let trouble = "";
	try {
		api = readDocument(await fetchDocument(document.body.dataset.document));
		for (const part of ["title", "version", "description"]) say(part, api[part]);
		if (!api.channels.length) trouble = "There are no channels yet: each WebSocket router of the application is one.";
	} catch (error) {
		trouble = `The document could not be loaded. ${error.message}`;
	}
	say("notice", trouble);
	show("notice", trouble);
	show("panes", !trouble);
	if (trouble) return;
	fill("server", api.servers.map((address) => [address, address]));
	show("server-row", api.servers.length > 1);
	fill("channel", api.channels.map(({ key, title, address }) => [key, title === address ? title : `${title} · ${address}`]));
	chooseChannel(findChannel() ?? api.channels[0]);
}

const fill = (id, options) => byId(id).replaceChildren(...options.map(([value, words]) => el("option", { value }, words)));

function findChannel() {
	const wanted = new URLSearchParams(location.hash.slice(1)).get("channel");
	return api?.channels.find(({ key }) => key === wanted);
}

function chooseChannel(chosen) {
	if (channel && chosen !== channel) connection.close("Disconnected: another channel was chosen");
	channel = chosen;
	byId("channel").value = channel.key;
	byId("frames").value = channel.isBinary ? "binary" : "text";
	say("channel-words", channel.description);
	settings.show(channel);
	showAddress();
	const { requests } = channel;
	byId("messages").replaceChildren(...requests.map(buildChoice));
	byId("message-search").value = "";
	show("message-search", requests.length > 8);
	show("no-messages", !requests.length);
	chooseMessage(requests[0]);
}

function showAddress() {
	target = settings.read(byId("server").value);
	say("address", target.shown);
	say("missing", target.missing.length ? `Missing: ${target.missing.join(", ")}` : "");
	showState(connection.state);
}

function connect() {
	showAddress();
	for (const cookie of target.cookies) document.cookie = `${cookie}; path=/; SameSite=Strict`;
	pending.clear();
	connection.open(target);
}

function showState(state, words) {
	const isOff = state === "idle";
	byId("status").dataset.state = state;
	if (words) say("status", words);
	say("connect", isOff ? "Connect" : state === "open" ? "Disconnect" : "Cancel");
	byId("connect").classList.toggle("primary", isOff);
	byId("connect").disabled = (byId("reconnect").disabled = target.missing.length > 0) && isOff;
	show("reconnect", !isOff);
	byId("send").disabled = byId("anyway").disabled = state !== "open";
	say("send-hint", state === "open" ? "Ctrl + Enter sends" : "Connect to send");
}

function buildChoice(choice) {
	choice.radio = el("input", { type: "radio", name: "message" });
	choice.radio.onchange = () => chooseMessage(choice);
	const words = el("span", {}, el("b", {}, choice.title ?? choice.name), el("small", {}, choice.description));
	return el("label", { class: "choice" }, choice.radio, words);
}

function chooseMessage(chosen) {
	message = chosen;
	for (const id of ["view", "reset", "schema-box"]) show(id, message);
	if (message) {
		message.radio.checked = true;
		const replies = [...new Set(message.replies.map(({ name }) => name))].join(" or ");
		say("replies", replies && `Answered with ${message.isStream ? "a stream of " : ""}${replies}.`);
		byId("schema").replaceChildren(buildTree(channel.root, message.schema));
	}
	say("message-words", message?.words ?? "");
	const example = channel.asks && isObject(message?.example) ? { ...message.example, uuid: lastId } : message?.example;
	editor.value = message ? JSON.stringify(example, null, 2) : "";
	showEditor();
}

function showEditor() {
	const isForm = Boolean(message) && byId("view").ariaPressed === "true";
	show("form", isForm);
	editor.hidden = isForm;
	form = null;
	const value = isForm ? parse(editor.value) : undefined;
	if (isObject(value)) {
		form = buildForm(channel.root, message.schema, value, () => {
			editor.value = JSON.stringify(value, null, 2);
			judge();
		});
	}
	byId("form").replaceChildren(form?.element ?? el("p", { class: "note" }, "Only a JSON object has a form."));
	judge();
}

function parse(text, onError) {
	try {
		return JSON.parse(text);
	} catch (error) {
		return void onError?.(error);
	}
}

function judge() {
	errors = [];
	const value = parse(editor.value, ({ message: words }) => errors.push({ path: "", message: `No JSON: ${words}` }));
	if (!message) errors = [];
	else if (!errors.length) errors = validate(message.schema, value, channel.root);
	byId("errors").replaceChildren(listErrors(errors));
	show("errors", errors.length);
	show("anyway", errors.length);
	form?.complain(errors);
}

function send(isForced) {
	if (connection.state !== "open") return;
	if (errors.length && !isForced) return byId("errors").focus();
	const text = editor.value;
	const bytes = new TextEncoder().encode(text);
	const isBinary = byId("frames").value === "binary";
	connection.send(isBinary ? bytes : text);
	const problem = errors.length ? "invalid" : "";
	const entry = log.add({ direction: "out", name: message?.name, text, size: bytes.length, isBinary, message, errors, problem });
	const id = channel.asks ? parse(text)?.uuid : undefined;
	if (id === undefined) return;
	pending.set(JSON.stringify(id), entry);
	if (pending.size > PENDING) pending.delete(pending.keys().next().value);
	if (id !== lastId) return; // one of the reader's own
	lastId += 1;
	editor.value = text.replace(/("uuid"\s*:\s*)\d+/, `$1${lastId}`);
	form?.setId(lastId);
}

function receive(data) {
	const isBinary = typeof data !== "string";
	log.add({ direction: "in", text: isBinary ? decode(data) : data, size: data.byteLength, isBinary, channel });
}

/** Return a binary frame as text, else in hexadecimal. */
function decode(data) {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(data);
	} catch {
		return Array.from(new Uint8Array(data), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
	}
}

/** Find what message a frame is, and which request it answers. */
function identify(entry) {
	if (entry.direction !== "in") return;
	const { root, asks, answers } = entry.channel;
	entry.size ??= new TextEncoder().encode(entry.text).length;
	const value = parse(entry.text);
	const request = asks ? pending.get(JSON.stringify(value?.uuid)) : undefined;
	if (request) {
		pending.delete(JSON.stringify(value.uuid));
		entry.note = `#${value.uuid} after ${(entry.at - request.at).toFixed(1)} ms`;
	}
	const rank = ({ fixed }) => fixed.filter(([key, values]) => values.includes(value?.[key])).length;
	const known = [...(request?.message?.replies ?? answers)].sort((a, b) => rank(b) - rank(a));
	const match = value === undefined ? undefined : known.find(({ schema }) => !validate(schema, value, root).length);
	if (match) return void (entry.name = match.name);
	entry.problem = "undocumented";
	const [closest] = known;
	if (value === undefined) entry.why = "It is no JSON.";
	else if (known.length === 1 || (closest && rank(closest))) {
		Object.assign(entry, { why: `It is not valid as ${closest.name}:`, errors: validate(closest.schema, value, root) });
	} else entry.why = "It is none of the documented messages.";
}

function showView() {
	const isReference = location.hash === "#reference";
	const frame = byId("reference");
	frame.hidden = !isReference;
	if (isReference) frame.src ||= document.body.dataset.reference;
	document.querySelector("main").hidden = isReference;
	for (const link of document.querySelectorAll("nav a")) link.ariaCurrent = String((link.hash === "#reference") === isReference);
	const chosen = findChannel();
	if (chosen && chosen !== channel) chooseChannel(chosen);
}

addEventListener("hashchange", showView);
on("server", "change", showAddress);
on("channel", "change", () => {
	location.hash = new URLSearchParams({ channel: byId("channel").value });
});
on("connection-form", "submit", (event) => {
	event.preventDefault();
	if (connection.state === "idle") connect();
	else connection.close("Disconnected");
});
on("reconnect", "click", connect);
on("automatic", "change", () => (connection.isAutomatic = byId("automatic").checked));
on("message-search", "input", () => {
	const wanted = byId("message-search").value.toLowerCase();
	for (const choice of byId("messages").children) choice.hidden = !choice.textContent.toLowerCase().includes(wanted);
});
on("view", "click", ({ target: button }) => {
	button.ariaPressed = String(button.ariaPressed !== "true");
	showEditor();
});
on("reset", "click", () => chooseMessage(message));
on("editor", "input", judge);
on("send", "click", () => send(false));
on("anyway", "click", () => send(true));
on("message-pane", "keydown", (event) => {
	if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
	event.preventDefault();
	send(false);
});

showView();
start();
