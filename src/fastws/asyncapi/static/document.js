// The AsyncAPI document: fetched, and read into channels and their messages.

import { escapeKey, follow, isObject, unescapeKey } from "./schema.js";

const REASONS = { 401: "Are you signed in?", 403: "You may not read it.", 500: "Its log says why." };

/** Fetch the document, or say in plain words why there is none. */
export async function fetchDocument(address) {
	const fail = (words) => Promise.reject(new Error(words));
	const response = await fetch(address, { cache: "no-cache" }).catch(() => fail("The server cannot be reached."));
	if (!response.ok) return fail(`The server answered ${response.status}. ${REASONS[response.status] ?? ""}`);
	const content = await response.json().catch(() => fail("What the server sent is no JSON."));
	return String(content?.asyncapi).startsWith("3.") ? content : fail("What the server sent is no AsyncAPI 3 document.");
}

const DEPRECATED = "Deprecated. ";

const entriesOf = (value) => (isObject(value) ? Object.entries(value) : []);
const listOf = (value) => (Array.isArray(value) ? value : []);
const textOf = (...values) => values.find((value) => typeof value === "string" && value) ?? "";

export function readDocument(root) {
	const known = entriesOf(root.channels).map(([key, channel]) => readChannel(root, key, follow(root, channel)));
	for (const [, operation] of entriesOf(root.operations)) readOperation(root, known, follow(root, operation));
	const { title, version, description } = root.info ?? {};
	const channels = known.filter(({ address }) => address);
	return { title: textOf(title), version: textOf(version), description: textOf(description), servers: readServers(root), channels };
}

function readServers(root) {
	const { protocol, host } = location;
	const servers = entriesOf(root.servers).map(([, server]) => {
		// A proxy that ends TLS may not have told the application, and a page of https: cannot open ws: anyway.
		const scheme = protocol === "https:" && server.host === host ? "wss" : server.protocol;
		return `${scheme}://${server.host}${textOf(server.pathname).replace(/\/$/, "")}`;
	});
	return servers.length ? servers : [`${protocol.replace("http", "ws")}//${host}`];
}

function readChannel(root, key, channel) {
	const { query, headers } = channel.bindings?.ws ?? {};
	const address = textOf(channel.address);
	const parameters = new Map([...address.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => [name, {}]));
	for (const [name, part] of entriesOf(channel.parameters)) parameters.set(name, follow(root, part));
	return {
		key,
		root,
		address,
		title: textOf(channel.title, key),
		description: (channel["x-deprecated"] === true ? DEPRECATED : "") + textOf(channel.description, channel.summary),
		parameters: [...parameters].map(([name, part]) => ({ ...part, name })),
		query: follow(root, query ?? {}),
		headers: follow(root, headers ?? {}),
		cookies: follow(root, channel["x-cookies"] ?? {}),
		isBinary: channel["x-frames"] === "binary",
		asks: channel["x-router"] === "SocketRouter",
		messages: new Map(entriesOf(channel.messages).map(([name, message]) => [name, readMessage(root, name, follow(root, message))])),
		schemes: [],
		requests: [], // what the application receives
		answers: [], // what it sends, replies as well
	};
}

function readMessage(root, key, message) {
	const schema = message.payload ?? {};
	const fixed = findFixed(root, schema);
	const bare = Object.fromEntries(fixed.map(([name, values]) => [name, values[0]]));
	return {
		name: textOf(message.title, message.name, key),
		description: (message.deprecated === true ? DEPRECATED : "") + textOf(message.description, message.summary),
		example: listOf(message.examples)[0]?.payload ?? bare,
		words: "",
		replies: [],
		schema,
		fixed,
	};
}

/** Return the fields of few values: they tell messages apart before anything is validated. */
function findFixed(root, schema) {
	const fields = entriesOf(follow(root, schema).properties).map(([key, part]) => [key, follow(root, part)]);
	return fields.map(([key, part]) => [key, part.const === undefined ? part.enum : [part.const]]).filter(([, values]) => Array.isArray(values));
}

const lastOf = ({ $ref }) => unescapeKey(textOf($ref).split("/").pop());

function readOperation(root, channels, operation) {
	const channel = channels.find(({ key }) => operation.channel?.$ref === `#/channels/${escapeKey(key)}`);
	if (!channel) return;
	const messagesOf = (references) => listOf(references).map((reference) => channel.messages.get(lastOf(reference))).filter(Boolean);
	const messages = messagesOf(operation.messages);
	const replies = messagesOf(operation.reply?.messages);
	const receives = operation.action === "receive";
	for (const message of receives ? messages : []) {
		const words = textOf(operation.description, operation.summary);
		message.replies.push(...replies);
		message.isStream = operation.reply?.["x-stream"] === true;
		if (channel.asks) Object.assign(message, { title: textOf(operation.title), description: words || message.description });
		else message.words = words;
	}
	if (receives) add(channel.requests, messages);
	add(channel.answers, receives ? replies : messages);
	for (const reference of listOf(operation.security)) {
		const key = lastOf(reference);
		if (!channel.schemes.some((scheme) => scheme.key === key)) channel.schemes.push({ ...follow(root, reference), key });
	}
}

const add = (list, messages) => list.push(...messages.filter((message) => !list.includes(message)));
