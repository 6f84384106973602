"""Builds the compiled core; everything else about the package is in pyproject.toml.

``FASTWS_DEBUG=1`` turns Cython's checks back on and keeps the symbols.
"""

import os

from Cython.Build import cythonize
from setuptools import Extension, setup

DEBUG = os.environ.get("FASTWS_DEBUG") == "1"

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
    "embedsignature": True,
}

setup(
    ext_modules=cythonize(
        [
            Extension(
                "fastws._core",
                ["src/fastws/_core.pyx"],
                include_dirs=["src/fastws"],
                depends=["src/fastws/_core.h"],
                extra_compile_args=["-O0", "-g"] if DEBUG else ["-O3", "-g0"] if os.name == "posix" else [],
            )
        ],
        # Out of the source tree: a stale C file beside its .pyx would win silently.
        build_dir="build/cython",
        compiler_directives=DIRECTIVES,
    ),
)
