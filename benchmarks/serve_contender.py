"""Serve one contender of the report: ``python serve_contender.py <module:function> <its arguments as JSON>``.

It may run in an environment that has neither fastws nor FastAPI.
"""

from __future__ import annotations

import importlib
import json
import sys

from serving import serve


def main() -> None:
    module, function = sys.argv[1].split(":")
    app = getattr(importlib.import_module(module), function)(**json.loads(sys.argv[2]))
    if app is not None:
        serve(app)


if __name__ == "__main__":
    main()
