// What a schema says, in words and as a tree for people.

import { el, fold, star } from "./dom.js";
import { follow, includes, isObject, list, unescapeKey } from "./schema.js";

/** Return the schema behind references, an `allOf` of one and `… | null`, and whether `null` is allowed. */
export function simplify(root, schema) {
	let isNullable = false;
	let outer = {};
	for (let hops = 0; ; hops++) {
		schema = follow(root, schema);
		if (!isObject(schema)) return { schema: {}, isNullable };
		const { allOf, anyOf, ...rest } = schema;
		const forms = anyOf?.filter((form) => follow(root, form).type !== "null") ?? allOf;
		if (forms?.length !== 1 || hops > 20) return { schema: { ...schema, ...outer }, isNullable };
		isNullable ||= anyOf?.length > 1;
		outer = { ...rest, ...outer };
		schema = forms[0];
	}
}

export function describeType(root, schema) {
	const { schema: inner, isNullable } = simplify(root, schema);
	const choices = Object.hasOwn(inner, "const") ? [inner.const] : inner.enum;
	const forms = inner.oneOf ?? inner.anyOf;
	let words = [inner.type ?? "anything"].flat().join(" | ");
	if (Array.isArray(choices)) words = list(choices);
	else if (Array.isArray(forms)) words = forms.map((form) => nameOf(root, form)).join(" | ");
	else if (inner.type === "array" && isObject(inner.items)) words = `array of ${nameOf(root, inner.items)}`;
	else if (inner.type === "object") words = nameOf(root, schema);
	return words + (inner.format ? `, ${inner.format}` : "") + (isNullable ? " or null" : "");
}

function nameOf(root, schema) {
	if (schema?.$ref) return unescapeKey(String(schema.$ref).split("/").pop());
	const inner = simplify(root, schema).schema;
	return [inner.title ?? inner.type ?? "anything"].flat().join(" | ");
}

const LIMITS = {
	minimum: "≥", maximum: "≤", exclusiveMinimum: ">", exclusiveMaximum: "<", multipleOf: "multiple of", pattern: "matches",
	minLength: "length ≥", maxLength: "length ≤", minItems: "items ≥", maxItems: "items ≤",
};

/** Return what else is demanded of a value, and what it is where it is left out. */
export function describeLimits(root, schema) {
	const inner = simplify(root, schema).schema;
	const limits = Object.keys(LIMITS).filter((key) => inner[key] !== undefined).map((key) => `${LIMITS[key]} ${inner[key]}`);
	if (inner.default !== undefined) limits.push(`default ${JSON.stringify(inner.default)}`);
	return limits.join(" · ");
}

export function buildTree(root, schema) {
	const parts = partsOf(root, schema);
	if (!parts.length) return el("p", { class: "note" }, describeType(root, schema));
	return el("ul", { class: "tree" }, ...parts.map((part) => buildNode(root, part)));
}

function partsOf(root, schema, depth = 0) {
	const inner = simplify(root, schema).schema;
	const parts = Object.entries(inner.properties ?? {}).map(([name, part]) => ({ name, part, isRequired: includes(inner.required, name) }));
	if (depth < 5) for (const part of inner.allOf ?? []) parts.push(...partsOf(root, part, depth + 1));
	for (const part of inner.oneOf ?? inner.anyOf ?? []) parts.push({ name: "either", part });
	const items = inner.prefixItems ?? [inner.items ?? []].flat();
	items.forEach((part, index) => parts.push({ name: inner.items === part ? "[each]" : `[${index}]`, part }));
	if (isObject(inner.additionalProperties)) parts.push({ name: "[any key]", part: inner.additionalProperties });
	return parts;
}

function buildNode(root, { name, part, isRequired }) {
	const line = [
		el("b", {}, name),
		isRequired && star(),
		el("span", { class: "note" }, [describeType(root, part), describeLimits(root, part)].filter(Boolean).join(" · ")),
		el("small", {}, simplify(root, part).schema.description),
	];
	// A list of plain values has been described by the line.
	const hasMore = partsOf(root, part).some(({ name: below, part: inner }) => below !== "[each]" || partsOf(root, inner).length);
	return el("li", {}, ...(hasMore ? [fold(el("summary", {}, ...line), () => buildTree(root, part))] : line));
}
