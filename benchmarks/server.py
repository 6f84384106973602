"""One contender on a uvicorn of its own, as a program would be deployed: uvloop, no compression, few words.

``python server.py <contender>`` prints its port, then the CPU time that it has used, in seconds, for each line that it
reads; it ends with its standard input, and so with whoever started it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

from applications import dump, make_floor_app, make_loop_app, make_ours, make_theirs
from fastapi import FastAPI
from rivals import load_and_look_up, validate_alone
from serving import serve
from workload import KINDS, get_models

COUNTS: Final = (10, 50)

FLOOR: Final = "floor: nothing parsed, constant answer"

Make = Callable[[], FastAPI | None]


def _make_ours(count: int, discriminator: str | None) -> Make:
    return lambda: make_ours(get_models(count), dump, discriminator)


def _make_theirs(count: int, discriminator: str | None) -> Make:
    return lambda: make_theirs(get_models(count), dump, discriminator)


OURS: Final[dict[str, Make]] = {
    f"fastws, {count} models, {kind}": _make_ours(count, discriminator)
    for count in COUNTS
    for kind, discriminator in KINDS.items()
}

RIVALS: Final[dict[str, Make]] = {
    "the right model alone, by hand": lambda: make_loop_app(validate_alone(get_models(1)[0]), dump),
    "json.loads, lookup, model_validate by hand": lambda: make_loop_app(load_and_look_up(get_models(10)), dump),
    **{
        f"original router, {count} models, {kind}": _make_theirs(count, discriminator)
        for count in COUNTS
        for kind, discriminator in KINDS.items()
    },
}

CONTENDERS: Final[dict[str, Make]] = {FLOOR: make_floor_app, "floor, once more": make_floor_app, **OURS, **RIVALS}


def main() -> None:
    app = CONTENDERS[sys.argv[1]]()
    if app is not None:
        serve(app)


if __name__ == "__main__":
    main()
