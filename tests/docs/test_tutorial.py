"""Each program of the tutorial does what its page says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pages import exchange, find_blocks, find_exchanges, load_program
from running import find_command, run_tests
from servers import run_server
from starlette.websockets import WebSocketDisconnect

import fastws


@pytest.mark.parametrize(
    ("page", "program", "address"),
    [
        ("docs/tutorial/first-message.md", "first_message.py", "/ws"),
        ("docs/tutorial/several-messages.md", "several_messages.py", "/ws"),
        ("docs/tutorial/replies.md", "replies.py", "/ws"),
        ("docs/tutorial/dependencies.md", "dependencies.py", "/ws?token=t1"),
        ("docs/tutorial/errors.md", "errors.py", "/ws"),
    ],
)
def test_a_program_answers_as_its_page_says(
    page: str, program: str, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where it puts its database
    client = TestClient(load_program(program).app)
    with client.websocket_connect(address) as websocket:
        exchange(websocket, *find_exchanges(page))


def test_what_is_no_message_is_dropped_as_the_first_page_says() -> None:
    with TestClient(load_program("first_message.py").app).websocket_connect("/ws") as websocket:
        websocket.send_text('{"type":"add"}')
        websocket.send_text("nonsense")
        websocket.send_bytes(b"\x00")
        websocket.send_text('{"type":"add","item":"tea"}')
        assert websocket.receive_text() == "tea is on the list."


def test_two_models_may_not_share_a_value_as_the_second_page_says() -> None:
    program = load_program("several_messages.py")

    class Again(program.Add):  # type: ignore[misc, name-defined]
        pass

    with pytest.raises(fastws.errors.DuplicateTagError, match=r"(?s)Again.*Add|Add.*Again"):
        program.router.receive(Again)(lambda websocket, message: None)


def test_nobody_without_a_token_gets_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    client = TestClient(load_program("dependencies.py").app)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws?token=nobody"):
        pytest.fail("it connected")


def test_nobody_without_a_token_is_told_more_than_the_page_shows(tmp_path: Path) -> None:
    page = "docs/tutorial/dependencies.md"
    (command,) = find_blocks(page, "bash")
    *_, said = find_blocks(page, "text")
    with run_server("docs.programs.dependencies:app", tmp_path / "log") as server:
        line = command.text.replace("8000", str(server.port))
        ended = subprocess.run(
            find_command(line),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    assert said.text.replace("8000", str(server.port)).strip() in ended.stdout + ended.stderr


def test_a_hook_of_ones_own_is_told_of_binary_frames_as_well() -> None:
    program = load_program("errors.py")
    *_, hook = find_blocks("docs/tutorial/errors.md", "python")
    exec(compile(hook.text, hook.place, "exec", dont_inherit=True), vars(program))
    with TestClient(program.app).websocket_connect("/ws") as websocket:
        websocket.send_text("nonsense")
        assert websocket.receive_text() == "1 wrong"
        websocket.send_bytes(b"{}")
        assert websocket.receive_text() == "1 wrong"


def test_everybody_is_told_who_comes_and_goes() -> None:
    client = TestClient(load_program("hooks.py").app)
    (heard,) = find_exchanges("docs/tutorial/hooks.md")
    with client, client.websocket_connect("/ws?name=anna") as anna:
        with client.websocket_connect("/ws?name=ben") as ben:
            ben.receive_text()
            ben.send_json({"type": "add", "item": "milk"})
            ben.receive_text()
        exchange(anna, heard)


def test_a_stream_is_stopped_by_a_message() -> None:
    with TestClient(load_program("streams.py").app).websocket_connect("/ws") as websocket:
        exchange(websocket, *find_exchanges("docs/tutorial/streams.md"))
        websocket.send_json({"type": "cook", "dish": "tea"})
        assert websocket.receive_json() == {"number": 1, "text": "Put on water."}
        websocket.send_json({"type": "stop"})


def test_messages_are_documented() -> None:
    client = TestClient(load_program("documentation.py").app)
    document = client.get("/openapi.json").json()
    assert list(document["paths"]) == ["/ws", "/ws (add)"]
    assert document["components"]["schemas"]["Add"]["properties"]["item"]["examples"] == ["milk"]
    assert [parameter["name"] for parameter in document["paths"]["/ws (add)"]["post"]["parameters"]] == ["shop"]
    document = client.get("/asyncapi.json").json()
    assert list(document["channels"]) == ["Shopping"]
    assert {"Add", "Entry", "Sale"} <= document["components"]["messages"].keys()
    assert client.get("/asyncapi").headers["content-type"].startswith("text/html")


def test_the_tests_of_the_tutorial_pass(tmp_path: Path) -> None:
    *_, command = find_blocks("docs/tutorial/tests.md", "bash")[-1].text.split("\n")[:-1]
    assert "1 passed" in run_tests(tmp_path, "dependencies.py", "test_dependencies.py", command=command)
