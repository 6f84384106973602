// Reads documents by their names, as one JSON object, and writes what the parser of the AsyncAPI initiative says of each.
import { DiagnosticSeverity, Parser } from "@asyncapi/parser";
import { text } from "node:stream/consumers";

const documents = JSON.parse(await text(process.stdin));
const parser = new Parser();
const said = {};
for (const [name, document] of Object.entries(documents)) {
  // As text, the way that it is served: the parser changes the objects that it is given.
  const diagnostics = await parser.validate(JSON.stringify(document));
  said[name] = diagnostics.map(({ severity, code, message, path }) => ({
    severity: DiagnosticSeverity[severity],
    code,
    message,
    path: path.join("/"),
  }));
}
process.stdout.write(JSON.stringify(said));
