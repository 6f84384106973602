// TypeScript types of all messages, from the AsyncAPI document:
//
//   python -m fastws asyncapi examples.chat:app | node examples/typescript.mjs |
//       npx json-schema-to-typescript --no-additionalProperties > messages.d.ts
//
// This program turns the document into one JSON schema, and json-schema-to-typescript writes that as types: one for each
// model by its name, and for each channel what it receives and what it sends, as in `ChatReceives` and `ChatSends`.
import { text } from "node:stream/consumers";

const asyncapi = JSON.parse(await text(process.stdin));
const { schemas = {} } = asyncapi.components ?? {};

function resolve(reference) {
  const keys = reference.slice(2).split("/");
  return keys.reduce((part, key) => part[key.replaceAll("~1", "/").replaceAll("~0", "~")], asyncapi);
}

// What may be anything: of a description alone, an object would be made.
const saysNothing = (schema) => Object.keys(schema).every((key) => ["default", "description", "examples"].includes(key));

// Titles name types: those of models shall be their names in the document, and fields shall have none.  A tag is always
// there, also where it has a default, so that a `switch` over it tells messages apart.
function prepare(schema) {
  if (Array.isArray(schema)) return schema.map(prepare);
  if (schema === null || typeof schema !== "object") return schema;
  const prepared = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, prepare(value)]));
  if (typeof schema.title === "string") delete prepared.title;
  const tags = Object.entries(schema.properties ?? {}).filter(([, field]) => field.const !== undefined);
  if (tags.length > 0) prepared.required = [...new Set([...(schema.required ?? []), ...tags.map(([name]) => name)])];
  for (const field of Object.values(prepared.properties ?? {})) {
    if (typeof field === "object" && saysNothing(field)) field.tsType = "unknown";
  }
  return prepared;
}

const directions = {};
for (const { action, channel, messages, reply } of Object.values(asyncapi.operations)) {
  const name = channel.$ref.split("/").pop();
  const add = (direction, { $ref }) => (directions[`${name} ${direction}`] ??= new Set()).add($ref);
  for (const message of messages) add(action === "receive" ? "receives" : "sends", message);
  for (const message of reply?.messages ?? []) add("sends", message);
}

const properties = {};
for (const [title, references] of Object.entries(directions)) {
  const payloads = [...references].map((reference) => prepare(resolve(resolve(reference).$ref).payload));
  properties[title] = { title, anyOf: payloads };
}
const named = Object.entries(schemas).map(([name, schema]) => [name, { ...prepare(schema), title: name }]);

const schema = {
  title: `${asyncapi.info.title} messages`,
  type: "object",
  properties,
  required: Object.keys(properties),
  components: { schemas: Object.fromEntries(named) },
};
process.stdout.write(JSON.stringify(schema));
