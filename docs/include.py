"""Put the programs of docs/programs into the pages that show them, where a comment before a block of code names one.

The pages hold the code itself, because they are read on GitHub too, which includes nothing.  A test compares both; after
a change of a program, `python docs/include.py` brings the pages up to date.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
SHOWN: Final = re.compile(r"(^<!-- (docs/programs/\S+) -->\n```\w+\n).*?(^```$)", re.DOTALL | re.MULTILINE)


def include(text: str) -> str:
    """Return a page with the programs that it shows as they are now."""
    return SHOWN.sub(lambda match: match[1] + (ROOT / match[2]).read_text(encoding="utf-8") + match[3], text)


if __name__ == "__main__":
    for page in sorted((ROOT / "docs").rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        if (new := include(text)) != text:
            page.write_text(new, encoding="utf-8")
            print(page.relative_to(ROOT))
