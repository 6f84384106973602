"""The messages of the programs in these tests."""

from typing import Literal

from pydantic import BaseModel

# For what happens after the client has gone; seconds.
PATIENCE = 5


class Shout(BaseModel):
    action: Literal["shout"]
    words: str


class Wave(BaseModel):
    action: Literal["wave"]
    hands: int = 1


class Heard(BaseModel):
    by: list[str]


class Seen(BaseModel):
    by: list[str]


SHOUT = {"action": "shout", "words": "hello"}
WAVE = {"action": "wave", "hands": 2}
