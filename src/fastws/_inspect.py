"""Looking at functions and types: signatures with resolved annotations, unions taken apart, names for messages."""

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ForwardRef, Union, get_args, get_origin


def split_union(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type itself where it is none."""
    return get_args(annotation) if get_origin(annotation) in {Union, types.UnionType} else (annotation,)


def strip_annotated(annotation: Any) -> Any:
    """Return the type inside an `Annotated`, or the type itself where it is none."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def strip_alias(annotation: Any) -> Any:
    """Return what an alias of a type stands for; the alias itself where that is not defined yet."""
    try:
        return annotation if is_class(annotation) else getattr(annotation, "__value__", annotation)
    except NameError:  # what `type` declares is evaluated only now
        return annotation


def list_members(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union, also of one in an `Annotated` or behind an alias, without `None`.

    What is no union is its own only member, as it is written.
    """
    inner = strip_annotated(strip_alias(strip_annotated(annotation)))
    members = split_union(inner)
    if members == (inner,):
        return () if inner is type(None) else (annotation,)
    return tuple(one for member in members for one in list_members(member))


def is_class(annotation: Any) -> bool:
    """Whether a type is a class, and no `list[int]`, which `isinstance` of Python 3.10 takes for one."""
    return issubclass(type(annotation), type)


def name_of(model: Any) -> str:
    """Return how a type is called in a message to a person."""
    return model.__qualname__ if is_class(model) else str(model)


def describe(func: Any) -> str:
    """Return how a function is called in a message to a person, with the place where it stands."""
    func = unwrap_partial(func)
    name: str = getattr(func, "__qualname__", None) or repr(func)
    code = getattr(inspect.unwrap(func), "__code__", None)
    return f"{name} ({code.co_filename}:{code.co_firstlineno})" if code else name


def unwrap_partial(func: Any) -> Any:
    """Return the function in a partial, or in partials of one; whatever else it is, as it is."""
    while isinstance(func, functools.partial):
        func = func.func
    return func


def is_async(func: Any) -> bool:
    """Whether calling a function gives a coroutine; also true for partials of one and for objects called like one."""
    return _is_a(inspect.iscoroutinefunction, func)


def is_async_generator(func: Any) -> bool:
    """Whether calling a function gives an asynchronous generator, likewise."""
    return _is_a(inspect.isasyncgenfunction, func)


def is_generator(func: Any) -> bool:
    """Whether calling a function gives a plain generator, likewise."""
    return _is_a(inspect.isgeneratorfunction, func)


def _is_a(test: Callable[[Any], bool], func: Any) -> bool:
    func = unwrap_partial(func)
    return test(func) or test(getattr(func, "__call__", None))  # noqa: B004


def signature_of(func: Callable[..., Any]) -> inspect.Signature | None:
    """Return the signature of a function with its annotations resolved as far as they can be.

    `None` where there is none to be had, as for some functions written in C.
    """
    try:
        if sys.version_info >= (3, 14):  # pragma: no cover
            from annotationlib import Format  # noqa: PLC0415

            signature = inspect.signature(func, annotation_format=Format.FORWARDREF)
        else:
            signature = inspect.signature(func)
    except ValueError:
        return None
    namespace = find_globals(func)
    resolved = [
        parameter.replace(annotation=_resolve(parameter.annotation, namespace))
        for parameter in signature.parameters.values()
    ]
    return signature.replace(parameters=resolved, return_annotation=_resolve(signature.return_annotation, namespace))


def is_undefined(func: Callable[..., Any]) -> bool:
    """Whether an annotation of a function refers to a name that is not defined, perhaps not yet."""
    signature = signature_of(func)
    parameters = signature.parameters.values() if signature else ()
    return any(isinstance(parameter.annotation, str) for parameter in parameters)


def find_globals(func: Any) -> dict[str, Any]:
    """Return the names that the annotations of a function refer to; also of one in a partial, or of an object's own."""
    func = inspect.unwrap(unwrap_partial(func))
    if not hasattr(func, "__globals__"):
        func = inspect.unwrap(type(func).__call__)
    return getattr(func, "__globals__", {})


def imitate(func: Callable[..., Any], signature: inspect.Signature) -> Callable[..., Any]:
    """Return a function that looks like `func` with another signature, and stands where it stands; it is never called."""
    # A partial tells what partials are, and stands nowhere.
    written = unwrap_partial(func)
    code, place = _nothing.__code__, getattr(inspect.unwrap(written), "__code__", None)
    if place is not None:
        code = code.replace(co_filename=place.co_filename, co_firstlineno=place.co_firstlineno)
    imitation = types.FunctionType(code, find_globals(func), name_callable(func))
    imitation.__doc__ = written.__doc__
    imitation.__module__ = func.__module__
    imitation.__qualname__ = getattr(func, "__qualname__", imitation.__name__)
    imitation.__signature__ = signature  # type: ignore[attr-defined]
    return imitation


async def _nothing() -> None: ...


def name_callable(func: Any) -> str:
    """Return the name of a function: its own, else that of what a partial wraps, else that of its class."""
    while not hasattr(func, "__name__") and hasattr(func, "func"):
        func = func.func
    name: str = getattr(func, "__name__", type(func).__name__)
    return name


def _resolve(annotation: Any, namespace: Mapping[str, Any]) -> Any:
    """Evaluate one annotation alone, so that a name imported only for type checkers spoils no other.

    What cannot be evaluated is returned as it is written, as a string.
    """
    if isinstance(annotation, ForwardRef):  # from Python 3.14 on, also where no string was written
        annotation = annotation.__forward_arg__
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, dict(namespace))  # noqa: S307  (what `typing.get_type_hints` does with it)
    except Exception:  # noqa: BLE001  (an annotation can be any expression)
        return annotation
