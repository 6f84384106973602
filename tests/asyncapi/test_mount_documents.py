"""Where the routers of an app are, and what their handshakes take, in its document."""

from __future__ import annotations

from typing import Any

import pytest
from document_register import APPS
from documents import get_document, list_addresses


def find_channel(name: str, address: str) -> dict[str, Any]:
    found = [channel for channel in get_document(name)["channels"].values() if channel["address"] == address]
    assert len(found) == 1
    channel: dict[str, Any] = found[0]
    return channel


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("several_routers", ["/lobby", "/games/{game}", "/own"]),
        ("mounted_twice", ["/old", "/new"]),
        ("nested_includes", ["/api/tenants/{tenant}/v1/games/{game}"]),
        ("path_parameters", ["/{colour}/{floor}/{number}/{share}/{id}/{kind}/{unread}/{hidden}/{file}"]),
        ("sub_applications", ["/ws", "/sub/{tenant}/ws/{room}", "/sub/{tenant}/more/deep"]),
        ("root_path", ["/ws"]),
        ("awaited_in_an_endpoint", ["/c/{room}", "/d/{room}"]),
        ("left_out", ["/public"]),
        ("nearly_nothing_in_the_prefix", ["/{room}", "/{room}/{room2}"]),
        ("mounts_of_requests", ["/a", "/b/{room}", "/c/", "/v1/{tenant}/d", "/sub/e"]),
        ("empty_router", ["/ws"]),
        ("no_router", []),
    ],
)
def test_each_router_is_a_channel_at_its_final_address(name: str, addresses: list[str]) -> None:
    assert sorted(list_addresses(get_document(name))) == sorted(addresses)


def test_channels_are_called_by_their_routers_or_else_by_their_addresses() -> None:
    assert list(get_document("several_routers")["channels"]) == ["Lobby", "games_game", "own"]
    assert get_document("several_routers")["channels"]["Lobby"]["title"] == "Lobby"


def test_names_that_look_alike_are_told_apart() -> None:
    document = get_document("names_that_look_alike")
    assert len(document["channels"]) == 14
    assert len(set(list_addresses(document))) == 14
    assert len(document["operations"]) == 14 * 3
    assert {"/ä b", "/日本", "/a.b~c"} < {*list_addresses(document)}


def test_no_operation_is_lost_that_is_called_like_one_of_another_channel() -> None:
    operations = get_document("operations_that_look_alike")["operations"]
    assert len(operations) == 3 + 4
    assert operations["Game_on_ping_sends"]["channel"] == {"$ref": "#/channels/Game"}
    assert operations["Game_on_ping_sends_2"]["channel"] == {"$ref": "#/channels/Game_on_ping"}


def test_a_router_that_is_mounted_twice_has_two_channels_of_the_same_messages() -> None:
    document = get_document("mounted_twice")
    old, new = find_channel("mounted_twice", "/old"), find_channel("mounted_twice", "/new")
    assert old["messages"] == new["messages"]
    assert sorted(document["components"]["messages"]) == ["Move", "Moved", "Ping", "Pong"]
    assert (old.get("x-deprecated"), new.get("x-deprecated")) == (True, None)
    assert [tag["name"] for tag in new["tags"]] == ["new", "game"]
    assert [tag["name"] for tag in old["tags"]] == ["game"]


def test_path_parameters_have_descriptions_values_and_examples_but_no_schemas() -> None:
    address = "/{colour}/{floor}/{number}/{share}/{id}/{kind}/{unread}/{hidden}/{file}"
    parameters = find_channel("path_parameters", address)["parameters"]
    assert parameters["colour"]["enum"] == ["red", "blue"]
    assert parameters["floor"]["enum"] == ["0", "1"]
    assert parameters["floor"]["description"] == "How high"
    assert parameters["kind"]["enum"] == ["big", "small"]
    assert parameters["number"]["examples"] == ["7"]
    assert "enum" not in parameters["unread"]
    assert {*parameters} == {"colour", "floor", "number", "share", "id", "kind", "unread", "hidden", "file"}


def test_what_a_handshake_takes_stands_in_the_binding() -> None:
    channel = find_channel("handshake", "/ws")
    binding = channel["bindings"]["ws"]
    query, headers, cookies = binding["query"], binding["headers"], channel["x-cookies"]
    assert (binding["method"], binding["bindingVersion"]) == ("GET", "0.1.0")
    assert {*query["properties"]} == {"player", "colour", "page"}
    assert query["required"] == ["player"]
    assert query["properties"]["player"]["minLength"] == 1
    assert query["properties"]["player"]["description"] == "Who plays"
    assert query["properties"]["colour"]["maxItems"] == 3
    assert query["properties"]["colour"]["default"] == ["red"]
    assert query["properties"]["page"]["deprecated"] is True
    assert {*headers["properties"]} == {"x-token", "user-agent", "plain_name"}
    assert headers["required"] == ["x-token"]
    assert {*cookies["properties"]} == {"session", "theme"}
    assert cookies["required"] == ["session"]
    assert cookies["properties"]["session"]["format"] == "uuid"


def test_a_model_of_parameters_stands_there_field_by_field() -> None:
    query = find_channel("query_models", "/ws")["bindings"]["ws"]["query"]
    assert {*query["properties"]} == {"limit", "order"}
    assert query["properties"]["limit"]["maximum"] == 100


def test_parameters_come_from_everywhere() -> None:
    channel = find_channel("nested_includes", "/api/tenants/{tenant}/v1/games/{game}")
    assert channel["parameters"]["tenant"] == {"description": "Whose"}
    assert {*channel["parameters"]} == {"tenant", "game"}
    assert {*channel["bindings"]["ws"]["query"]["properties"]} == {"q", "seat"}
    assert channel["bindings"]["ws"]["query"]["required"] == ["seat"]
    assert channel["bindings"]["ws"]["headers"]["required"] == ["x-app"]
    assert [tag["name"] for tag in channel["tags"]] == ["api", "tenants", "live", "game"]
    query = find_channel("dependencies_everywhere", "/ws")["bindings"]["ws"]["query"]
    assert {*query["properties"]} == {"app", "include", "listed", "handler", "own"}


def test_parameters_of_requests_come_from_everywhere() -> None:
    channel = find_channel("requests_with_dependencies", "/ws/{shop}")
    assert {*channel["bindings"]["ws"]["query"]["properties"]} >= {"token", "limit"}
    query = find_channel("mounts_of_requests", "/v1/{tenant}/d")["bindings"]["ws"]["query"]
    assert query["required"] == ["token"]


def test_a_channel_without_parameters_has_none() -> None:
    for name in ("empty_router", "no_routes", "plain", "allowed_origins"):
        (channel,) = get_document(name)["channels"].values()
        assert "parameters" not in channel
        assert {*channel.get("bindings", {"ws": {}})["ws"]} <= {"method", "bindingVersion"}
        assert "x-cookies" not in channel


def test_without_routers_there_is_a_document_nevertheless() -> None:
    document = get_document("no_router")
    assert document["info"] == {"title": "Nothing", "version": "0.1.0"}
    assert (document["channels"], document["operations"]) == ({}, {})
    assert get_document("empty_router")["operations"] == {}


def test_what_is_known_of_the_app_is_in_the_document() -> None:
    info = get_document("plain")["info"]
    assert info == {"title": "Plain", "version": "1.2.3", "description": "Nothing special."}


def test_what_is_left_out_of_openapi_is_left_out() -> None:
    document = get_document("left_out")
    assert list(document["channels"]) == ["Public"]
    assert all(operation.startswith("Public") for operation in document["operations"])


def test_routers_that_are_only_awaited_are_named_by_hand() -> None:
    document = get_document("awaited_in_an_endpoint")
    messages = find_channel("awaited_in_an_endpoint", "/c/{room}")
    requests = find_channel("awaited_in_an_endpoint", "/d/{room}")
    assert (messages["x-router"], requests["x-router"]) == ("WSRouter", "SocketRouter")
    assert {*messages["parameters"]} == {*requests["parameters"]} == {"room"}
    assert sorted(document["operations"]) == [
        "c_room_on_move",
        "c_room_on_ping",
        "c_room_on_ping_sends",
        "d_room_PING",
        "d_room_where",
    ]


def test_no_document_names_servers_that_nobody_has_named() -> None:
    assert [name for name in APPS if "servers" in get_document(name)] == []
