"""Every supported Python: the matrix of FastAPI and pydantic, and the wheel as a user gets it.

Nox skips what the machine does not have.  Sessions install a wheel that is built from the sdist, once for each Python.
"""

import re
import shutil
from pathlib import Path

import nox

PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]
FASTAPIS = ["0.115.0", "0.117.1", "0.118.3", "0.121.3", "0.136.3", "0.137.0", "0.145.0", "newest"]
DIST = Path(".nox/dist")
# In bytes; what browsers, proxies and readers of a lock file download.
LARGEST_WHEEL = 300_000
# The second half of the version of the C library that a wheel may ask for: 2.17, that of every Linux in use.
NEWEST_LIBC = 17

# Tests of what no wheel has: the sources, the site, the benchmarks.
OF_THE_SOURCES = (
    "docs/test_contributing.py",
    "docs/test_links.py",
    "docs/test_site.py",
    "test_layers.py",
    "test_performance.py",
)

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv|venv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["tests", "oldest_pydantic"]


@nox.session(python=PYTHONS)
def build(session: nox.Session) -> None:
    """The sdist, and the wheel from it."""
    session.install("build")
    shutil.rmtree(DIST / str(session.python), ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(DIST / str(session.python)), silent=True)


def find_wheel(session: nox.Session) -> Path:
    """Return the wheel for the Python of a session."""
    (wheel,) = (DIST / str(session.python)).glob("*.whl")
    return wheel.resolve()


@nox.session(python=PYTHONS, requires=["build-{python}"])
@nox.parametrize("fastapi", FASTAPIS)
def tests(session: nox.Session, fastapi: str) -> None:
    """The tests on a version of FastAPI."""
    wanted = "fastapi" if fastapi == "newest" else f"fastapi=={fastapi}"
    session.install(str(find_wheel(session)), "--group", "test", wanted)
    session.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *session.posargs)


# There are no wheels of it for later Pythons.
@nox.session(python=["3.10", "3.11", "3.12"], requires=["build-{python}"])
@nox.parametrize("pydantic", ["2.7.0", "2.7.3"])  # the second is the first that reads all escapes rightly
def oldest_pydantic(session: nox.Session, pydantic: str) -> None:
    """The tests on the oldest pydantic, with the oldest FastAPI."""
    session.install(str(find_wheel(session)), "--group", "test", "fastapi==0.115.0", f"pydantic=={pydantic}")
    session.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *session.posargs)


@nox.session(python=PYTHONS, requires=["build-{python}"])
def wheel(session: nox.Session) -> None:
    """The wheel in an environment that has nothing else, and the tests where they cannot see the sources."""
    session.install("--only-binary=:all:", str(find_wheel(session)))  # nothing is compiled, nor are its dependencies
    home = Path(session.create_tmp()).resolve()
    for name in ("tests", "examples", "docs"):
        shutil.rmtree(home / name, ignore_errors=True)
        shutil.copytree(name, home / name, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    for path in [*Path().glob("*.md"), Path("pyproject.toml")]:
        shutil.copy(path, home)
    session.chdir(home)
    session.run("python", "-I", "tests/installed.py")
    session.install("--group", f"{home}/pyproject.toml:test")
    ignored = [f"--ignore=tests/{name}" for name in OF_THE_SOURCES]
    session.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *ignored, *session.posargs)


@nox.session(python=PYTHONS, requires=["build-{python}"])
def check(session: nox.Session) -> None:
    """What linters of packages say of the sdist, the wheel and pyproject.toml."""
    session.install("auditwheel", "check-wheel-contents", "cibuildwheel", "pyroma", "twine", "validate-pyproject[all]")
    wheel = find_wheel(session)
    (sdist,) = wheel.parent.glob("*.tar.gz")
    session.run("validate-pyproject", "pyproject.toml")
    session.run("twine", "check", "--strict", str(wheel), str(sdist))
    session.run("check-wheel-contents", str(wheel))
    session.run("pyroma", "--min=9", str(sdist))
    session.run("cibuildwheel", "--platform=linux", "--print-build-identifiers", silent=True)
    if "linux" in wheel.name:
        check_platform(session, wheel)
    if wheel.stat().st_size > LARGEST_WHEEL:
        session.error(f"{wheel.name} has {wheel.stat().st_size} bytes, more than {LARGEST_WHEEL}")


def check_platform(session: nox.Session, wheel: Path) -> None:
    """Refuse a wheel that asks for a newer C library than that of manylinux_2_17."""
    text = str(session.run("auditwheel", "show", str(wheel), silent=True))
    tag = re.search(r'platform tag: "manylinux_2_(\d+)_', text.replace("\n", " "))
    if tag is None or int(tag[1]) > NEWEST_LIBC:
        session.error(text)
