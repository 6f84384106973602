"""The programs of the page on AsyncAPI do what it says."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

from fastapi.testclient import TestClient
from pages import find_blocks, load_blocks

from fastws import get_asyncapi

PAGE = "docs/asyncapi.md"


def test_the_first_program_has_a_document_and_a_page() -> None:
    client = TestClient(load_blocks(PAGE)[0])
    with client.websocket_connect("/ws/attic") as websocket:
        websocket.send_json({"type": "ask", "text": "?"})
        assert websocket.receive_json() == {"type": "answer", "text": "42, in the attic"}
    document = client.get("/asyncapi.json").json()
    (channel,) = document["channels"].values()
    assert (channel["address"], list(channel["parameters"])) == ("/ws/{room}", ["room"])
    assert document["components"]["messages"]["Ask"]["examples"][0]["payload"]["text"] == "What is the answer?"
    assert client.get("/asyncapi").headers["content-type"].startswith("text/html")


def test_the_document_of_the_second_program_is_for_whoever_knows_the_secret() -> None:
    client = TestClient(load_blocks(PAGE)[1])
    for address in ("/asyncapi", "/asyncapi.json"):
        assert client.get(address).status_code == 401
        assert client.get(address, auth=("anna", "a guess")).status_code == 401
        assert client.get(address, auth=("anna", "a secret of yours")).status_code == 200


def test_the_command_prints_the_document(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(find_blocks(PAGE, "python")[0].text)
    (command,) = find_blocks(PAGE, "bash")
    line, target = command.text.strip().split(" > ")
    ended = subprocess.run([sys.executable, *shlex.split(line)[1:]], cwd=tmp_path, capture_output=True, check=True)
    assert target == "asyncapi.json"
    assert json.loads(ended.stdout) == get_asyncapi(load_blocks(PAGE)[0])
