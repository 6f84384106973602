"""Small apps whose OpenAPI documents are compared with those that fastapi-ws-router generates for them.

Each app is built from whichever ``WSRouter`` it is handed.  Its handlers annotate their ``websocket``, because the
original documents one without annotation as a query parameter, and its routes are registered before
``include_router``, because FastAPI before 0.137 documents no others.

``python tests/compat/openapi_store.py --write`` stores the documents of the original beside this file.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import fastapi
import openapi_apps  # noqa: F401  (registers its apps)
import openapi_model_apps  # noqa: F401
from openapi_compared import APPS

if TYPE_CHECKING:
    from fastws import WSRouter as RouterClass

ORIGINAL = "fastapi_ws_router"
ORIGINAL_FASTAPI = "0.117.1"
STORE = Path(__file__).with_name("openapi")


def find_original() -> type[RouterClass] | None:
    """Return the original's router, if it is installed beside the FastAPI that the documents are made with."""
    if fastapi.__version__ != ORIGINAL_FASTAPI:
        return None
    try:
        router: type[RouterClass] = importlib.import_module(ORIGINAL).WSRouter
    except ImportError:
        return None
    return router


def write_documents(router: type[RouterClass]) -> None:
    STORE.mkdir(exist_ok=True)
    for name, build in APPS.items():
        text = json.dumps(build(router).openapi(), indent=1, sort_keys=True)
        (STORE / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(f"usage: python {sys.argv[0]} --write")
    original = find_original()
    if original is None:
        sys.exit(f"This needs {ORIGINAL} and FastAPI {ORIGINAL_FASTAPI}; here is FastAPI {fastapi.__version__}.")
    write_documents(original)
