"""A JavaScript client that behaves on the wire as the published one, on real servers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import Server, run_server

pytestmark = pytest.mark.node

FOLDER = Path(__file__).parent / "node"


@pytest.fixture(scope="module", params=["websockets-sansio", "wsproto"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with run_server("compat.node_app:app", log, implementation=request.param) as server:
        yield server


def play(server: Server, scenario: str) -> Any:
    """Return what came of a scenario."""
    # That of this environment, where there is one.
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    assert node is not None, "there is no node; `make test-node` installs it"
    assert (FOLDER / "node_modules").is_dir(), "there is no ws; `make test-node` installs it"
    command = [node, str(FOLDER / "scenarios.mjs"), scenario, f"ws://{server.address}/ws"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{done.stderr}\n{server.read_log()}"
    return json.loads(done.stdout)


def test_a_thousand_requests_at_once(server: Server) -> None:
    assert play(server, "crowd") == {
        "sent": 1000,
        "right": 1000,
        "pending": 0,
        "inOrder": False,
        "pongs": True,
        "strays": [],
    }


def test_numbers_for_ids(server: Server) -> None:
    assert play(server, "numbers") == {"ids": [1, 2, 3, 4], "payloads": [30, 20, 10, 0], "odd": True}


def test_values_survive_the_round_trip(server: Server) -> None:
    assert play(server, "values") == {"same": True, "headers": True, "missing": None}


def test_big_payloads_up_to_the_limit(server: Server) -> None:
    assert play(server, "big") == {
        "same": True,
        "length": 1_000_000,
        "refused": ["lost", "closed with 1009"],
        "code": 1009,
        "again": "again",
    }


def test_each_status(server: Server) -> None:
    result = play(server, "statuses")
    (detail,) = result["outcomes"]["invalid"][1].pop("detail")
    assert (detail["type"], detail["loc"]) == ("int_parsing", ["payload"])
    assert result == {
        "outcomes": {
            "200": [200, "status 200"],
            "201": [201, "status 201"],
            "204": [204, "status 204"],
            "402": [402, "status 402"],
            "404": [404, "status 404"],
            "503": [503, "status 503"],
            "illegal": [400, {"Message": "Illegal Request Format"}],
            "check": [400, {"Message": "Data check failed"}],
            "invalid": [400, {"Message": "Data check failed"}],
            "access": [403, {"Message": "Access denied"}],
            "unknown": [404, {"Message": "Path not found"}],
            "raises": [500, {"Message": "Internal Server Error"}],
            "refuses": [409, {"Message": "taken"}],
            "valid": [200, 21],
        },
        "rejected": True,
        "strays": [],
    }


def test_an_id_that_is_used_twice_is_answered_twice(server: Server) -> None:
    assert play(server, "duplicates") == {"strays": ["same"]}


def test_a_client_comes_back_after_a_close(server: Server) -> None:
    codes = [1000, 1001, 1012, 4000]
    assert play(server, "reconnects") == {
        "codes": codes,
        "answers": [[["lost", f"closed with {code}"], code] for code in codes],
        "pending": 0,
    }


def test_a_client_stays_away_after_1008(server: Server) -> None:
    assert play(server, "stays") == {"code": 1008, "reopened": False, "after": ["lost", "not connected"]}


def test_a_refused_client_gets_http_403(server: Server) -> None:
    assert play(server, "refused") == {"message": "Unexpected server response: 403"}


def test_heartbeats_of_an_idle_client(server: Server) -> None:
    assert play(server, "idle") == {"pongs": 10, "strays": []}
