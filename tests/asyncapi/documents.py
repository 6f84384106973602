"""The documents of all registered apps."""

from __future__ import annotations

import functools
from typing import Any

import document_examples
import document_message_apps
import document_model_apps
import document_mount_apps
import document_request_apps
import document_security_apps
from document_register import APPS
from document_walks import Document, resolve

from fastws import get_asyncapi

# Each registers its apps when it is imported.
MODULES = (
    document_message_apps,
    document_model_apps,
    document_mount_apps,
    document_security_apps,
    document_request_apps,
    document_examples,
)


@functools.cache
def get_document(name: str) -> Document:
    """Return the document of an app; it is shared, and not to be changed."""
    app = APPS[name]()
    return get_asyncapi(app, routers=getattr(app.state, "routers", None))


def list_addresses(document: Document) -> list[str]:
    return [channel["address"] for channel in document["channels"].values()]


def get_operation(document: Document, name: str) -> tuple[str, list[str], list[str]]:
    """Return the action of an operation, and the keys of its messages and of those of its reply."""
    operation = document["operations"][name]
    messages = [message["$ref"].rpartition("/")[2] for message in operation["messages"]]
    replies = [message["$ref"].rpartition("/")[2] for message in operation.get("reply", {}).get("messages", ())]
    return operation["action"], messages, replies


def get_message(document: Document, key: str) -> Document:
    """Return a message by what a channel calls it; the document may call it by another name."""
    references = {channel["messages"][key]["$ref"] for channel in find_channels(document, key)}
    (reference,) = references
    found: Document = resolve(document, reference)
    return found


def find_channels(document: Document, key: str) -> list[Document]:
    return [channel for channel in document["channels"].values() if key in channel["messages"]]


def get_payload(document: Document, key: str) -> Document:
    """Return the schema of a message, behind its reference."""
    payload = get_message(document, key)["payload"]
    found: Document = resolve(document, payload["$ref"]) if "$ref" in payload else payload
    return found


def get_examples(document: Document, key: str) -> list[Any]:
    return [example["payload"] for example in get_message(document, key).get("examples", ())]
