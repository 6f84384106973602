// JSON Schema as far as pydantic writes it (draft 7, and the newer tuples): what is wrong with a value, and where.

const LIMIT = 20; // errors
const DEPTH = 200; // as deep as pydantic reads JSON

export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
export const includes = (list, member) => Array.isArray(list) && list.includes(member);
export const escapeKey = (key) => key.replaceAll("~", "~0").replaceAll("/", "~1");
export const unescapeKey = (key) => key.replaceAll("~1", "/").replaceAll("~0", "~");

/** Return what a reference within the document points to, or undefined. */
export function resolve(root, reference) {
	let at = root;
	for (const part of String(reference).split("/").slice(1)) {
		const key = unescapeKey(part);
		if (at === null || typeof at !== "object" || !Object.hasOwn(at, key)) return undefined;
		at = at[key];
	}
	return at;
}

/** Follow references until there is none; one that leads nowhere, or in a circle, allows everything. */
export function follow(root, schema) {
	for (let hops = 0; isObject(schema) && schema.$ref !== undefined; hops++) {
		if (hops > 20) return true;
		schema = resolve(root, schema.$ref);
	}
	return schema ?? true;
}

export function typeOf(value) {
	if (value === null) return "null";
	if (Array.isArray(value)) return "array";
	return Number.isInteger(value) ? "integer" : typeof value;
}

function equal(a, b) {
	if (a === b) return true;
	if (typeOf(a) !== typeOf(b) || a === null || typeof a !== "object") return false;
	const keys = Object.keys(a);
	return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}

/** Return the errors of a value as `{path, message, keyword}`, the path being a JSON pointer. */
export function validate(schema, value, root) {
	const errors = [];
	check({ root, errors, open: new Set() }, schema, value, "", 0);
	return errors.slice(0, LIMIT);
}

function check(context, schema, value, path, depth) {
	const { root, errors, open } = context;
	if (errors.length >= LIMIT || depth > DEPTH) return;
	const report = (keyword, message, at = path) => errors.push({ path: at, message, keyword });
	if (schema === false) report("false", "must not be here");
	if (!isObject(schema)) return;
	const inner = (part, member = value, at = path) => check(context, part, member, at, depth + 1);
	const errorsOf = (part) => {
		const found = [];
		check({ root, open, errors: found }, part, value, path, depth + 1);
		return found;
	};
	// What refers to itself, for the same value, says nothing.
	const step = schema.$ref + path;
	if (schema.$ref !== undefined && !open.has(step)) {
		open.add(step);
		inner(resolve(root, schema.$ref));
		open.delete(step);
	}
	checkKind(schema, value, report);
	checkForms(schema, report, inner, errorsOf);
	for (const [keyword, measure, isRight, words] of BOUNDS) {
		const measured = schema[keyword] === undefined ? undefined : measure(value);
		if (measured !== undefined && !isRight(measured, schema[keyword])) report(keyword, `must ${words.replace("$", () => schema[keyword])}`);
	}
	if (Array.isArray(value)) checkItems(schema, value, path, report, inner);
	else if (isObject(value)) checkProperties(schema, value, path, report, inner);
}

function checkKind(schema, value, report) {
	const types = [schema.type ?? []].flat();
	const isOf = (type) => typeOf(value) === type || (type === "number" && typeof value === "number");
	if (types.length && !types.some(isOf)) report("type", `must be of the type ${types.join(" or ")}, and is ${typeOf(value)}`);
	const choices = Object.hasOwn(schema, "const") ? [schema.const] : schema.enum;
	if (Array.isArray(choices) && !choices.some((choice) => equal(choice, value))) report("enum", `must be ${list(choices)}`);
}

export const list = (choices) => choices.map((choice) => JSON.stringify(choice)).join(" | ");

function checkForms(schema, report, inner, errorsOf) {
	for (const part of schema.allOf ?? []) inner(part);
	for (const keyword of ["anyOf", "oneOf"]) if (Array.isArray(schema[keyword])) choose(schema[keyword], keyword, report, errorsOf);
	if (schema.not !== undefined && !errorsOf(schema.not).length) report("not", "is what must not be here");
}

/** Where one can tell which form was meant, report its errors. */
function choose(forms, keyword, report, errorsOf) {
	const outcomes = forms.map(errorsOf);
	const fitting = outcomes.filter((errors) => !errors.length).length;
	if (fitting === 1 || (fitting > 1 && keyword === "anyOf")) return;
	const meant = outcomes.filter((errors) => !errors.some((error) => error.keyword === "type" || error.keyword === "enum"));
	if (fitting) report(keyword, `fits ${fitting} of its forms, and must fit one`);
	else if (meant.length !== 1) report(keyword, `fits none of its ${forms.length} forms`);
	else for (const error of meant[0]) report(error.keyword, error.message, error.path);
}

const itself = (type) => (value) => (typeof value === type ? value : undefined);
const number = itself("number");
const string = itself("string");
const length = (value) => (typeof value === "string" ? [...value].length : undefined); // in characters, not in UTF-16
const items = (value) => (Array.isArray(value) ? value.length : undefined);
const size = (value) => (isObject(value) ? Object.keys(value).length : undefined);
const least = (measured, limit) => measured >= limit;
const most = (measured, limit) => measured <= limit;

const BOUNDS = [
	["minimum", number, least, "be at least $"],
	["maximum", number, most, "be at most $"],
	["exclusiveMinimum", number, (measured, limit) => measured > limit, "be more than $"],
	["exclusiveMaximum", number, (measured, limit) => measured < limit, "be less than $"],
	["multipleOf", number, isMultiple, "be a multiple of $"],
	["minLength", length, least, "have $ or more characters"],
	["maxLength", length, most, "have $ or fewer characters"],
	["pattern", string, (text, pattern) => compile(pattern)?.test(text) ?? true, "match $"],
	["format", string, (text, format) => !Object.hasOwn(FORMATS, format) || FORMATS[format](text), "have the format $"],
	["minItems", items, least, "have $ or more items"],
	["maxItems", items, most, "have $ or fewer items"],
	["minProperties", size, least, "have $ or more properties"],
	["maxProperties", size, most, "have $ or fewer properties"],
];

function isMultiple(value, factor) {
	return Math.abs(value / factor - Math.round(value / factor)) < 1e-9; // 0.3 / 0.1 is not quite 3
}

/** Compile a pattern; where Python knows more than JavaScript, the server has to judge. */
function compile(pattern) {
	try {
		return new RegExp(pattern, "u");
	} catch {
		return null;
	}
}

function isDate(text) {
	const date = new Date(`${text}T00:00:00Z`);
	return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(date.valueOf()) && date.toISOString().startsWith(text);
}

const isTime = (text) => /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(z|[+-]\d\d:?\d\d)?$/i.test(text);

const FORMATS = {
	date: isDate,
	time: isTime,
	"date-time": (text) => isDate(text.slice(0, 10)) && /^[t ]/i.test(text.slice(10)) && isTime(text.slice(11)),
	email: (text) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text),
	uuid: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
	uri: (text) => /^[a-z][a-z0-9+.-]*:\S+$/i.test(text),
	ipv4: (text) => /^\d+(\.\d+){3}$/.test(text) && text.split(".").every((part) => part < 256),
};

function checkItems(schema, value, path, report, inner) {
	const isTuple = Array.isArray(schema.items);
	const first = schema.prefixItems ?? (isTuple ? schema.items : []);
	const rest = isTuple ? schema.additionalItems : schema.items;
	value.forEach((item, index) => inner(index < first.length ? first[index] : rest, item, `${path}/${index}`));
	if (schema.uniqueItems && value.some((item, index) => value.slice(0, index).some((other) => equal(item, other)))) {
		report("uniqueItems", "must not have an item twice");
	}
}

function checkProperties(schema, value, path, report, inner) {
	for (const key of schema.required ?? []) {
		if (!Object.hasOwn(value, key)) report("required", "is missing", `${path}/${escapeKey(key)}`);
	}
	for (const [key, member] of Object.entries(value)) {
		const at = `${path}/${escapeKey(key)}`;
		const patterns = Object.entries(schema.patternProperties ?? {}).filter(([pattern]) => compile(pattern)?.test(key));
		const parts = patterns.map(([, part]) => part);
		if (Object.hasOwn(schema.properties ?? {}, key)) parts.push(schema.properties[key]);
		if (parts.length) for (const part of parts) inner(part, member, at);
		else if (schema.additionalProperties === false) report("additionalProperties", "is no property of it", at);
		else inner(schema.additionalProperties, member, at);
		if (schema.propertyNames !== undefined) inner(schema.propertyNames, key, at);
	}
}
