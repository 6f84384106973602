"""Print what an environment has installed that matters to the report, as JSON."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

PACKAGES: Final = (
    "fastws-router",
    "fastapi",
    "starlette",
    "pydantic",
    "pydantic-core",
    "uvicorn",
    "uvloop",
    "websockets",
    "orjson",
    "fastapi-ws-router",
    "fastapi-observable-socket",
    "chanx",
    "litestar",
    "python-socketio",
)


def list_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that are there."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    print(json.dumps(list_versions()))
