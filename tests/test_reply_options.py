"""The options of a reply: what is written of a value is what an endpoint writes with the same options."""

from __future__ import annotations

from typing import Any

import pytest
from exchanges import Exchange, exchange
from fastapi import FastAPI
from fastapi.testclient import TestClient
from model_sets import PYDANTIC
from peers import Say
from pydantic import BaseModel, ConfigDict, Field

pytestmark = pytest.mark.anyio


class Item(BaseModel):
    name: str = "tea"
    price: float | None = None


class Product(BaseModel):
    """A model with everything that the options of a reply decide about."""

    model_config = ConfigDict(populate_by_name=True)
    full_name: str = Field(default="tea", alias="fullName")
    price: float | None = None
    parts: list[Item] = []


PARTLY = {"response_model_include", "response_model_exclude"}


class ConfiguredProduct(Product):
    model_config = ConfigDict(serialize_by_alias=True)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"response_model_by_alias": False},
        {"response_model_exclude_none": True},
        {"response_model_exclude_unset": True},
        {"response_model_exclude_defaults": True},
        {"response_model_include": {"price", "parts"}},
        {"response_model_exclude": {"price"}},
        {"response_model_exclude": {"parts": {0: {"price"}}}},
        {"response_model_exclude_none": True, "response_model_by_alias": False},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Product, Product(parts=[Item(), Item(name="milk", price=1)])),
        (ConfiguredProduct, ConfiguredProduct(price=None)),
        (list[Product], [Product(fullName="milk"), {"fullName": "honey", "price": 3}]),
        (Product | Item, Product(price=2)),
        (dict[str, Product], {"a": Product(price=2), "b": Product()}),
        (Any, Product(parts=[Item(), Item(name="milk", price=1)])),
    ],
    ids=["model", "configured", "list", "union", "dict", "Any"],
)
async def test_the_options_are_those_of_an_endpoint(options: dict[str, Any], annotation: Any, value: Any) -> None:
    if PYDANTIC < (2, 13) and annotation == Product | Item and {*options} & PARTLY:
        pytest.skip("pydantic before 2.13 warns when a part of a union's member is written")

    async def handle(message: Say) -> Any:
        return value

    handle.__annotations__["return"] = annotation
    app = FastAPI()
    app.post("/", **options)(handle)
    endpoint = TestClient(app).post("/", json={"text": "hello"})
    assert await exchange(handle, receive=options) == Exchange([endpoint.text], [])
