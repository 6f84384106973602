// The form of a message: a field for each plain value, JSON for the rest. The text in the editor is the one truth.

import { el, label } from "./dom.js";
import { escapeKey, includes, isObject } from "./schema.js";
import { describeLimits, describeType, simplify } from "./words.js";

/** Build the form of an object; `onEdit()` is called when it has changed. Return `{element, complain(errors), setId(id)}`. */
export function buildForm(root, schema, value, onEdit) {
	const fields = new Map();
	const rows = buildRows({ root, fields, onEdit }, schema, value, "", 0);
	const complain = (errors) => {
		for (const [path, field] of fields) field.complain(errors.find((error) => `${error.path}/`.startsWith(`${path}/`))?.message);
	};
	const setId = (id) => {
		value.uuid = id;
		if (fields.has("/uuid")) fields.get("/uuid").control.value = id;
	};
	return { element: el("div", { class: "group" }, ...rows), complain, setId };
}

function buildRows(form, schema, value, path, depth) {
	const { properties, required } = simplify(form.root, schema).schema;
	return Object.entries(properties ?? {}).map(([key, part]) => {
		const at = `${path}/${escapeKey(key)}`;
		const inner = simplify(form.root, part).schema;
		if (Object.hasOwn(inner, "const")) return null; // no choice
		const isOpen = inner.properties && Object.hasOwn(value, key) && isObject(value[key]) && depth < 3;
		if (isOpen) return el("fieldset", { class: "group" }, el("legend", {}, key), ...buildRows(form, part, value[key], at, depth + 1));
		return buildField(form, value, key, part, at, includes(required, key));
	}).filter(Boolean);
}

function buildField(form, value, key, part, path, isRequired) {
	const { schema, isNullable } = simplify(form.root, part);
	const kind = kindOf(schema);
	const control = buildControl(schema, isRequired, kind === "json");
	const now = Object.hasOwn(value, key) ? value[key] : undefined;
	if (kind === "json" && now !== undefined) control.value = JSON.stringify(now, null, 1);
	else if (now != null) control.value = typeof now === "object" ? JSON.stringify(now) : now;
	const hint = [schema.description, describeLimits(form.root, part)].filter(Boolean).join(" · ");
	const { row, complain } = label(key, control, { hint, isRequired, kind: describeType(form.root, part) });
	control.oninput = () => {
		try {
			put(value, key, readControl(kind, schema, control.value, isRequired, isNullable));
		} catch {
			return complain("is no JSON");
		}
		form.onEdit();
	};
	form.fields.set(path, { complain, control });
	return row;
}

// `value["__proto__"] = …` would set no property.
function put(object, key, value) {
	if (value === undefined) delete object[key];
	else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

function kindOf(schema) {
	if (choicesOf(schema)) return "choice";
	const types = [schema.type].flat();
	if (!types.every((type) => ["string", "integer", "number"].includes(type))) return "json";
	return types.every((type) => type === "string") ? "text" : "number";
}

const choicesOf = (schema) => (Array.isArray(schema.enum) ? schema.enum : schema.type === "boolean" ? [true, false] : null);

export function buildControl(schema, isRequired, isCode) {
	const choices = choicesOf(schema)?.map((choice) => el("option", { value: choice }, String(choice)));
	if (choices) return el("select", {}, !isRequired && el("option", { value: "" }, "(left out)"), ...choices);
	const attributes = { autocomplete: "off", spellcheck: "false" };
	if (isCode) return el("textarea", { ...attributes, rows: 3, class: "code" });
	return el(schema.type === "array" || schema.maxLength > 200 ? "textarea" : "input", attributes);
}

/** What is empty is left out where it may be; a number that is none stays text, and is an error. */
function readControl(kind, schema, text, isRequired, isNullable) {
	if (text === "" && isNullable && isRequired) return null;
	if (text === "" && !isRequired) return undefined;
	if (kind === "choice") return choicesOf(schema).find((choice) => String(choice) === text);
	if (kind === "number" && text.trim() && !Number.isNaN(Number(text))) return Number(text);
	return kind === "json" ? JSON.parse(text) : text;
}
