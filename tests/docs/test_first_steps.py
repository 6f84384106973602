"""The first steps lead where docs/first-steps.md says, with its own commands."""

from __future__ import annotations

import shutil
import urllib.request
from pathlib import Path

from pages import PROGRAMS, find_blocks, find_exchanges
from running import find_port, run, talk

PAGE = "docs/first-steps.md"


def test_the_first_steps_lead_to_an_answer(tmp_path: Path) -> None:
    serve, connect = (block.text.strip() for block in find_blocks(PAGE, "bash"))
    shutil.copy(PROGRAMS / "first_steps.py", tmp_path / "app.py")
    port = find_port()
    with run(f"{serve} --port {port}", port, tmp_path):
        talk(connect.replace("8000", str(port)), find_exchanges(PAGE)[0])
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/docs") as page:
            assert page.status == 200
