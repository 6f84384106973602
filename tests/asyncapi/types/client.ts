// A client of the chat, as far as its types go; it is compiled, and not run.
import type { ChatReceives, ChatSends, Say } from "./chat.js";

export function write(message: ChatReceives): string {
  return JSON.stringify(message);
}

const say: Say = { type: "say", text: "Hello!" };
write(say);
write({ type: "rename", name: "ann" });

// @ts-expect-error There is no such message.
write({ type: "shout", text: "Hello!" });
// @ts-expect-error Something is missing.
write({ type: "say" });
// @ts-expect-error Something is of another type.
write({ type: "rename", name: 7 });

export function read(message: ChatSends): string {
  switch (message.type) {
    case "said":
      return `${message.name}: ${message.text}`;
    case "renamed":
      return `${message.before} is ${message.name}`;
    case "present":
      return message.names.join();
    case "problem":
      return message.detail;
    default:
      // Nothing is left.
      return message satisfies never;
  }
}
