"""Types for TypeScript are made of a document as the documentation says, and a client compiles with them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documents import get_document
from nodes import HERE, run_node

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]

ROOT = HERE.parent.parent
MODULES = HERE / "types" / "node_modules"
OPTIONS = ("--noEmit", "--strict", "--target", "es2022", "--module", "nodenext")


def make_types(document: str) -> str:
    """Return the types of a document, made as `examples/typescript.mjs` says."""
    schema = run_node(ROOT / "examples" / "typescript.mjs", text=document)
    # What `npx json-schema-to-typescript` runs.
    generator = MODULES / "json-schema-to-typescript" / "dist" / "src" / "cli.js"
    return run_node(generator, "--no-additionalProperties", text=schema, packages="types")


def compile_types(folder: Path) -> str:
    """Return what the compiler says of the files in a folder."""
    files = [str(path) for path in sorted(folder.iterdir())]
    return run_node(MODULES / "typescript" / "bin" / "tsc", *OPTIONS, *files, packages="types", check=False)


def test_a_client_of_the_chat_compiles(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fastws", "asyncapi", "examples.chat:app"]
    document = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    types = make_types(document)
    (shown,) = re.findall(r"```typescript\n(.*?)```", (ROOT / "docs" / "asyncapi.md").read_text(), re.DOTALL)
    assert [part for part in shown.strip().split("\n\n") if part not in types] == []
    (tmp_path / "chat.d.ts").write_text(types)
    shutil.copy(HERE / "types" / "client.ts", tmp_path)
    assert compile_types(tmp_path) == ""


def test_what_may_be_anything_is_not_an_object() -> None:
    types = make_types(json.dumps(get_document("notes")))
    assert "  detail: unknown;" in types.splitlines()


# Both kinds of routers, and models that are hard to write as types.
DOCUMENTS = [
    *("notes", "generics", "both_directions", "same_names", "kinds_of_fields", "nested_unions", "nested_and_recursive"),
    *("strange_names", "mounted_twice", "typed_requests"),
]


def test_the_types_of_other_documents_compile(tmp_path: Path) -> None:
    for name in DOCUMENTS:
        (tmp_path / f"{name}.d.ts").write_text(make_types(json.dumps(get_document(name))))
    assert compile_types(tmp_path) == ""
