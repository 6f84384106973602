"""The matrix of versions: every supported Python on the oldest and the newest FastAPI."""

import nox

nox.options.default_venv_backend = "venv"


@nox.session(python=["3.10", "3.11", "3.12", "3.13", "3.14"])
@nox.parametrize("fastapi", ["0.115.0", "newest"])
def tests(session: nox.Session, fastapi: str) -> None:
    session.run("python", "-m", "pip", "install", "--quiet", "--upgrade", "pip")
    wanted = "fastapi" if fastapi == "newest" else f"fastapi=={fastapi}"
    session.run("python", "-m", "pip", "install", "--quiet", "--editable", ".", "--group", "test", wanted)
    session.run("python", "-m", "pytest", "-q", *session.posargs)
