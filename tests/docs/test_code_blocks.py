"""Each block of code in the documentation is run by a test, or says why it is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import PAGES, PROGRAMS, ROOT, Block, list_blocks

TESTS = {path.name: path.read_text() for path in (ROOT / "tests").rglob("test_*.py")}
BLOCKS = [block for page in PAGES for block in list_blocks(page.relative_to(ROOT).as_posix()) if block.kind]
IMPORTS = [block for block in BLOCKS if block.mark == "run by test_code_blocks.py"]

# What a test calls that reads blocks of a kind.
READERS = {"python": ["load_blocks("], "text": ["find_exchanges("]}


def reads(test: str, block: Block) -> bool:
    """Return whether the text of a test says that it reads blocks of this page and kind."""
    readers = [f'"{block.kind}"', f"```{block.kind}", *READERS.get(block.kind, [])]
    return Path(block.page).name in test and any(reader in test for reader in readers)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_a_block_is_run_or_says_why_not(block: Block) -> None:
    if block.mark.startswith("docs/programs/"):
        assert block.text == (ROOT / block.mark).read_text(), "run `python docs/include.py`"
    elif match := re.fullmatch(r"run by (test_\w+\.py)", block.mark):
        assert block in IMPORTS or reads(TESTS[match[1]], block), (
            f"{match[1]} does not read such blocks of {block.page}"
        )
    else:
        assert re.fullmatch(r"not run: .+", block.mark), (
            "write <!-- docs/programs/....py -->, <!-- run by test_....py --> or <!-- not run: why --> before it"
        )


@pytest.mark.parametrize("program", sorted(path.name for path in PROGRAMS.iterdir() if path.is_file()))
def test_a_program_is_on_a_page_and_run_by_a_test(program: str) -> None:
    assert f"docs/programs/{program}" in {block.mark for block in BLOCKS}
    assert any(f'"{program}"' in text for text in TESTS.values())


@pytest.mark.parametrize("block", IMPORTS, ids=lambda block: block.place)
def test_what_a_page_says_to_import_is_there(block: Block) -> None:
    added = [
        line.removeprefix("+") for line in block.text.splitlines() if block.kind == "python" or line.startswith("+")
    ]
    assert added
    exec("\n".join(added), {})


def test_the_blocks_of_the_documentation_are_found() -> None:
    """Lest the expression that finds them finds none."""
    assert len(BLOCKS) >= sum(page.read_text().count("```python") for page in PAGES) > 20
