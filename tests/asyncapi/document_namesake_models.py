"""A model that is called as one of another module is."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class Note(BaseModel):
    """A note of music."""

    type: Literal["tone"]
    pitch: int
