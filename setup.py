"""Builds the compiled core; everything else about the package is in pyproject.toml.

``FASTWS_DEBUG=1`` turns Cython's checks back on and keeps the symbols; ``FASTWS_SANITIZE=1`` does so too, and has the
compiler check every access to memory.
"""

import os
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

SANITIZE = os.environ.get("FASTWS_SANITIZE") == "1"
DEBUG = SANITIZE or os.environ.get("FASTWS_DEBUG") == "1"

# Out of the source tree, where a stale C file beside its .pyx would win silently, and one for each kind of build: an
# object of another kind would be taken for this one's.
BUILD = "build/sanitize" if SANITIZE else "build/debug" if DEBUG else "build"

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": DEBUG,
    "initializedcheck": DEBUG,
    "nonecheck": DEBUG,
    "cdivision": not DEBUG,
    "freethreading_compatible": True,
    # Methods as CPython's own have them: a call of one costs less.
    "binding": False,
    # Nobody pickles a dispatch table, and code for it in every class would be an eighth of what is compiled.
    "auto_pickle": False,
    "embedsignature": True,
}

if SANITIZE:
    LINK = ["-fsanitize=address,undefined"]
elif DEBUG:
    LINK = []
else:
    # Without the names of static functions and the number of the build, which nobody but a debugger reads.
    LINK = {"linux": ["-Wl,-s", "-Wl,--build-id=none"], "darwin": ["-Wl,-x"]}.get(sys.platform, [])

# Compiled for speed: what reads every byte of a message.  The others call Python's functions; compiled for size, they cost
# 0.97 to 1.03 of a message or a request, within what a busy machine can tell apart.
QUICK = ("_core",)


def choose_options(name: str) -> list[str]:
    """Return the compiler's options for a module; other compilers than those of POSIX systems have good ones."""
    if SANITIZE:
        return [*LINK, "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer", "-O1", "-g"]
    if DEBUG:
        return ["-O0", "-g"]
    # Without tables for unwinding, which only debuggers read of C, and which are a twentieth of what is compiled.
    small = ["-g0", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-fvisibility=hidden"]
    if sys.platform == "linux":
        # Python's functions are called where the loader found them, and not through a jump that is looked up at the first
        # call: less code, and a jump less.
        small.append("-fno-plt")
    return ["-O2" if name in QUICK else "-Os", *small] if os.name == "posix" else []


setup(
    ext_modules=cythonize(
        [
            Extension(
                f"fastws.{name}",
                [f"src/fastws/{name}.pyx"],
                include_dirs=["src/fastws"],
                depends=[str(header) for header in Path("src/fastws").glob("*.h")],
                extra_compile_args=choose_options(name),
                extra_link_args=LINK,
            )
            for name in ("_call", "_core", "_envelope", "_exact", "_receive")
        ],
        include_path=["src"],
        build_dir=f"{BUILD}/cython",
        compiler_directives=DIRECTIVES,
    ),
    options={"build": {"build_base": BUILD}},
)
