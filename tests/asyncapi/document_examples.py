"""The programs in the folder of examples."""

from __future__ import annotations

import importlib
from typing import cast

from document_register import documented
from fastapi import FastAPI


def load_example(name: str) -> FastAPI:
    """Return the application of an example, by its name: the examples are programs and no package."""
    return cast("FastAPI", importlib.import_module(f"examples.{name}").app)


@documented
def chat() -> FastAPI:
    return load_example("chat")


@documented
def notes() -> FastAPI:
    return load_example("notes")


@documented
def streaming() -> FastAPI:
    return load_example("streaming")


@documented
def articles() -> FastAPI:
    return load_example("articles")
