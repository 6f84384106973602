"""The package that we replace, by its own name: what its users' import line becomes."""

from fastws import WSMainRoute, WSRoute, WSRouter

__all__ = ["WSMainRoute", "WSRoute", "WSRouter"]
