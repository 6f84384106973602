"""The programs of README.md do what it says."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient
from pages import exchange, find_blocks, find_exchanges, load_blocks
from running import find_port, run, talk

PAGE = "README.md"


def test_the_first_program_of_the_readme_is_run_as_it_says(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(find_blocks(PAGE, "python")[0].text)
    serve, connect = (block.text.strip() for block in find_blocks(PAGE, "bash"))
    port = find_port()
    with run(f"{serve} --port {port}", port, tmp_path):
        talk(connect.replace("8000", str(port)), find_exchanges(PAGE)[0])


def test_the_messages_of_the_first_program_of_the_readme_are_documented() -> None:
    client = TestClient(load_blocks(PAGE)[0])
    document = client.get("/openapi.json").json()
    assert list(document["paths"]) == ["/ws", "/ws (greet)", "/ws (answer)"]
    assert {"Greeting", "Question", "Answer"} <= document["components"]["schemas"].keys()
    assert "Console" in client.get("/asyncapi").text


def test_a_request_is_answered_as_the_readme_says() -> None:
    with TestClient(load_blocks("docs/requests.md")[0]).websocket_connect("/ws") as websocket:
        exchange(websocket, find_exchanges(PAGE)[1])
