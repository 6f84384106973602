"""`python -m fastws asyncapi module:app` prints the AsyncAPI document of an application, for other programs."""

from __future__ import annotations

import argparse
import importlib
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastws.asyncapi import get_asyncapi
from fastws.asyncapi.servers import list_servers


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status.

    Parameters:
        arguments: Those of the command line; `None` for the ones that the process was started with.
    """
    parser = _make_parser()
    options = parser.parse_args(arguments)
    sys.path.insert(0, options.app_dir)
    servers = [{"url": url} for url in options.server or ()]
    try:
        list_servers(servers)  # alone: a `ValueError` of the application is no misuse of this command
    except ValueError as error:
        parser.error(str(error))
    try:
        app = _load(options.app, factory=options.factory)
    except _NoApplicationError as error:
        parser.error(str(error))
    document = get_asyncapi(app, title=options.title, version=options.api_version, servers=servers)
    text = json.dumps(document, indent=options.indent, ensure_ascii=False) + "\n"
    if options.output is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # as JSON is, wherever it is sent to
        sys.stdout.write(text)
    else:
        options.output.write_text(text, encoding="utf-8")
    return 0


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fastws", description="What fastws does outside of an application.")
    commands = parser.add_subparsers(dest="command", required=True)
    asyncapi = commands.add_parser("asyncapi", help="print the AsyncAPI document of an application as JSON")
    asyncapi.add_argument("app", metavar="module:app", help="where the application is, as uvicorn takes it")
    asyncapi.add_argument("--app-dir", default=".", help="the folder to import from (default: the current one)")
    asyncapi.add_argument(
        "--factory", action="store_true", help="the name is that of a function that returns the application"
    )
    asyncapi.add_argument(
        "--server", action="append", metavar="URL", help="where it is served, as wss://api.example.com"
    )
    asyncapi.add_argument("--title", help="the title (default: that of the application)")
    asyncapi.add_argument("--api-version", help="the version of the API (default: that of the application)")
    asyncapi.add_argument("--indent", type=int, default=2, help="spaces before each level (default: 2)")
    asyncapi.add_argument("--output", type=Path, metavar="FILE", help="write to a file instead")
    return parser


class _NoApplicationError(Exception):
    """There is no application where one was named."""


def _load(place: str, *, factory: bool) -> Any:
    module, _, name = place.partition(":")
    if not module:
        raise _NoApplicationError(f"{place!r} names no module. Name it as uvicorn takes it, as in main:app.")
    try:
        loaded: Any = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # something that the module itself imports
        raise _NoApplicationError(
            f"There is no module {module!r} here. Name it as uvicorn takes it, as in main:app."
        ) from None
    for part in (name or "app").split("."):
        if not hasattr(loaded, part):
            raise _NoApplicationError(f"{module!r} has no {name or 'app'!r}.")
        loaded = getattr(loaded, part)
    if factory:
        loaded = loaded()
    if not hasattr(loaded, "routes"):
        raise _NoApplicationError(f"{place!r} is no application of FastAPI or Starlette, but {type(loaded).__name__}.")
    return loaded


if __name__ == "__main__":
    sys.exit(main())
