"""Programs of node, which comes with the dependency group of that name, or stands in the path."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))


def run_node(program: Path, *arguments: str, text: str = "", packages: str | None = None, check: bool = True) -> str:
    """Return what a program writes.

    Parameters:
        program: The program.
        arguments: Its arguments.
        text: What it reads.
        packages: The folder beside this file whose packages it uses.
        check: Whether it has to succeed.
    """
    node = shutil.which("node", path=PATH)
    assert node is not None, "there is no node; `make test-asyncapi` installs it"
    if packages is not None:
        assert (HERE / packages / "node_modules").is_dir(), "packages are missing; `make test-asyncapi` installs them"
    command = [node, str(program), *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=600, check=False)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done.stdout
