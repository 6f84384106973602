"""CONTRIBUTING.md knows every command and every module."""

from __future__ import annotations

import re

from pages import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text()
SOURCE = ROOT / "src" / "fastws"


def test_each_command_of_the_makefile_is_explained() -> None:
    (targets,) = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"`make ([a-z-]+)`", PAGE)) == set(targets.split())


def test_the_map_has_each_module() -> None:
    (block,) = (
        text for text in re.findall(r"^```\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE) if "src/fastws/" in text
    )
    mapped = re.findall(r"^  (\S+)  +\S", block, re.MULTILINE)
    folders = {f"{path.parent.name}/" for path in SOURCE.glob("*/__init__.py")}
    files = {path.name for kind in ("*.py", "*.pyx", "*.h") for path in SOURCE.glob(kind)} - {"__init__.py"}
    assert sorted(mapped) == sorted(folders | files)


def test_the_files_that_it_names_are_there() -> None:
    named = re.findall(r"`([\w/.]+/[\w.]+\.\w+)`", PAGE)
    assert named
    assert [name for name in named if not (ROOT / name).exists() and not (SOURCE / name).exists()] == []
