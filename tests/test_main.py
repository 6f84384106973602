"""The command line: python -m fastws."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fastws.__main__ import main

PROGRAM = """
from fastapi import FastAPI
from pydantic import BaseModel
from fastws import WSRouter

class Ask(BaseModel):
    text: str

router = WSRouter()

@router.receive
async def ask(message: Ask) -> None: ...

def create() -> FastAPI:
    app = FastAPI(title="Asking")
    app.include_router(router, prefix="/ws")
    return app

app = create()

class Holder:
    app = app
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "asking_program.py").write_text(PROGRAM)
    (tmp_path / "broken_program.py").write_text("import no_such_module_at_all")
    (tmp_path / "unconfigured_program.py").write_text("port = int('no number')")
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def run(folder: Path, *arguments: str) -> Any:
    assert main(["asyncapi", *arguments, "--app-dir", str(folder)]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["asking_program:app"],
        ["asking_program"],
        ["asking_program:Holder.app"],
        ["asking_program:create", "--factory"],
    ],
)
def test_the_document_is_printed(folder: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, *arguments)
    document = json.loads(capsys.readouterr().out)
    assert document["info"]["title"] == "Asking"
    assert list(document["channels"]) == ["ws"]


def test_what_the_document_says_of_itself_can_be_given(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, "asking_program", "--title", "T", "--api-version", "3", "--server", "wss://a.example/v1")
    document = json.loads(capsys.readouterr().out)
    assert document["info"] == {"title": "T", "version": "3"}
    assert document["servers"]["a_example"] == {"host": "a.example", "protocol": "wss", "pathname": "/v1"}


def test_it_can_be_written_to_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, "asking_program", "--output", str(folder / "asyncapi.json"), "--indent", "0")
    assert json.loads((folder / "asyncapi.json").read_text())["asyncapi"] == "3.0.0"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere:app"], "There is no module 'nowhere' here"),
        ([":app"], "':app' names no module"),
        (["asking_program:nothing"], "'asking_program' has no 'nothing'"),
        (["asking_program:Ask"], "is no application of FastAPI or Starlette"),
        (["asking_program", "--server", "example"], "'example' is no address of a server"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    folder: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(folder, *arguments)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_what_an_application_fails_to_import_is_not_hidden(folder: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_module_at_all"):
        run(folder, "broken_program:app")


def test_nor_is_what_is_wrong_with_its_configuration(folder: Path) -> None:
    with pytest.raises(ValueError, match="no number"):
        run(folder, "unconfigured_program:app")


def test_it_runs_as_a_program(folder: Path) -> None:
    command = [sys.executable, "-m", "fastws", "asyncapi", "asking_program:app"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert json.loads(result.stdout)["info"]["title"] == "Asking"


def test_what_it_prints_is_utf_8_whatever_the_machine_prefers(folder: Path) -> None:
    command = [sys.executable, "-m", "fastws", "asyncapi", "asking_program:app", "--title", "Größe ✓"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    assert json.loads(result.stdout.decode("utf-8"))["info"]["title"] == "Größe ✓"
