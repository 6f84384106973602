// What a connection is opened with: path, query, cookies, subprotocol and token.

import { el, label } from "./dom.js";
import { buildControl } from "./form.js";
import { includes } from "./schema.js";
import { simplify } from "./words.js";

const SECRET = /token|secret|passw|key|auth|session/i;

const COOKIES = "Set when connecting. Those marked HttpOnly cannot be seen or set here, and are sent anyway.";

export class Settings {
	constructor(container, onChange) {
		Object.assign(this, { container, onChange, fields: [] });
	}

	show(channel) {
		this.channel = channel;
		this.fields = [];
		this.before = recall(channel);
		const path = channel.parameters.map(({ name, ...schema }) => this.#build("path", name, schema, true));
		const protocols = this.#build("protocol", "Subprotocols", { description: "Separated by commas." });
		const isOpen = this.fields.at(-1).control.value !== "" || channel.schemes.length > 0;
		this.container.replaceChildren(
			...group("Path", path),
			...group("Query", this.#buildAll("query", channel.query)),
			...group("Cookies", this.#buildAll("cookie", channel.cookies), COOKIES),
			el("details", { open: isOpen }, el("summary", {}, "Token and subprotocol"), this.#buildToken(), protocols),
			...headerNotes(channel).map((note) => el("p", { class: "note" }, note)),
		);
	}

	#buildAll(place, schema) {
		const parts = new Map(Object.entries(schema.properties ?? {}));
		// A key that is documented as security is one more, and a secret whatever it is called.
		const schemes = this.channel.schemes.filter((scheme) => scheme.in === place);
		for (const { name, description } of schemes) parts.set(name, { type: "string", description });
		const isSecret = (name) => schemes.some((scheme) => scheme.name === name);
		return [...parts].map(([name, part]) => this.#build(place, name, part, includes(schema.required, name), isSecret(name) || SECRET.test(name)));
	}

	#build(place, name, schema, isRequired, isSecret = SECRET.test(name)) {
		const inner = simplify(this.channel.root, schema).schema;
		const { description, default: preset, examples } = inner;
		const control = buildControl(inner, isRequired);
		if (isSecret && control.localName === "input") control.type = "password";
		if (preset !== undefined && control.localName !== "select") control.placeholder = preset;
		const value = this.before[`${place} ${name}`] ?? (isRequired ? preset ?? examples?.[0] : undefined);
		if (value !== undefined) control.value = value;
		const isList = inner.type === "array";
		const hint = `${description ?? ""}${isList ? " One a line." : ""}${examples?.length > 1 ? ` Such as ${examples.join(", ")}.` : ""}`;
		const { row, complain } = label(name, control, { hint, isRequired });
		this.#add({ place, name, control, complain, isList, isSecret }, control);
		return row;
	}

	// Browsers cannot send it in a header: it goes to where the server is known to look.
	#buildToken() {
		const places = { "": "not sent", query: "as query parameter", cookie: "as cookie", protocol: "as subprotocol" };
		const options = Object.entries(places).map(([value, words]) => el("option", { value }, words));
		const where = el("select", { "aria-label": "How the token is sent" }, ...options);
		const name = el("input", { value: "token", "aria-label": "Name of the parameter" });
		const control = el("input", { type: "password", autocomplete: "off" });
		const { row, complain } = label("Token", control, {});
		const field = { control, complain, isSecret: true, get place() { return where.value; }, get name() { return name.value; } };
		this.#add(field, where, name, control);
		row.append(el("div", { class: "bar" }, where, name));
		return row;
	}

	#add(field, ...controls) {
		this.fields.push(field);
		const change = () => {
			remember(this.channel, this.fields);
			this.onChange();
		};
		for (const control of controls) control.oninput = change;
	}

	/** Return `{address, shown, protocols, cookies, missing}`; `shown` is the address without secrets. */
	read(server) {
		const found = { protocols: [], cookies: [], missing: [] };
		const write = (hides) => {
			let path = this.channel.address;
			const query = [];
			for (const { place, name, control, isList, isSecret } of this.fields) {
				const encode = (text) => (hides && isSecret ? "•••" : encodeURIComponent(text));
				if (control.value === "") continue;
				if (place === "path") path = path.replaceAll(`{${name}}`, () => encode(control.value));
				if (place === "query") query.push(...split(control.value, isList).map((text) => `${encodeURIComponent(name)}=${encode(text)}`));
			}
			return server + path + (query.length ? `?${query.join("&")}` : "");
		};
		for (const { place, name, control: { value }, complain } of this.fields) {
			complain(place === "cookie" && /[;,\s"\\]/.test(value) && "has a character that no cookie may have");
			if (place === "path" && !value) found.missing.push(name);
			if (place === "cookie" && value) found.cookies.push(`${name}=${value}`);
			if (place === "protocol") found.protocols.push(...value.split(/[,\s]+/).filter(Boolean));
		}
		return { ...found, address: write(false), shown: write(true) };
	}
}

const split = (text, isList) => (isList ? text.split("\n").filter(Boolean) : [text]);

function group(title, rows, note) {
	const parts = [el("legend", {}, title), ...rows, note && el("p", { class: "note" }, note)];
	return rows.length ? [el("fieldset", { class: "group" }, ...parts)] : [];
}

/** Say what the server would like to have in headers: no page can send them. */
function headerNotes({ headers, schemes }) {
	const names = schemes.filter((scheme) => !includes(["query", "cookie"], scheme.in)).map(({ key }) => key);
	for (const name of Object.keys(headers.properties ?? {})) names.push(includes(headers.required, name) ? `${name} (required)` : name);
	const note = "Browsers cannot set headers of a WebSocket: send a token in another way, if the server takes it.";
	return names.length ? [`The server reads headers: ${names.join(", ")}. ${note}`] : [];
}

// For this tab alone, and no secrets.
const keyOf = (channel) => `fastws ${location.pathname} ${channel.key}`;

function remember(channel, fields) {
	const plain = fields.filter(({ place, isSecret }) => place && place !== "cookie" && !isSecret);
	try {
		sessionStorage.setItem(keyOf(channel), JSON.stringify(plain.map(({ place, name, control }) => [`${place} ${name}`, control.value])));
	} catch {
		// a browser that keeps nothing
	}
}

function recall(channel) {
	try {
		return Object.fromEntries(JSON.parse(sessionStorage.getItem(keyOf(channel))));
	} catch {
		return {};
	}
}
