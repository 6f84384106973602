"""JSON without a schema, read and written as pydantic does, and as fast as orjson where both do the same.

A look at the text, or at what was written, tells where orjson would do something else; there pydantic does it.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.math cimport isfinite
from libc.string cimport memchr, memcmp

from pydantic_core import from_json, to_json

try:
    import orjson
except ImportError:  # Pythons for which orjson has no wheels
    orjson = None

# Left to pydantic: dates are written in another way, dataclasses without their serializers, subclasses without theirs.
OPTIONS = (
    0
    if orjson is None
    else orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS
)

cdef object loads = None if orjson is None else orjson.loads
cdef object dumps = None if orjson is None else orjson.dumps
cdef object options = OPTIONS

cdef extern from "_core.h":
    const char *fastws_next_quote(const char *start, const char *at, const char *end) nogil

# Pydantic reads so many levels and no more, orjson five times as many; and orjson makes floats of integers that do not
# fit into 64 bits, of which the least has 19 digits.
cdef enum:
    DEEPEST = 200
    LONGEST = 18


cdef bint reads_alike(const char *text, Py_ssize_t size) noexcept nogil:
    """Whether orjson, where it reads a text at all, reads it as pydantic does."""
    cdef const char *at = text
    cdef const char *end = text + size
    cdef Py_ssize_t depth = 0
    cdef int digits = 0
    cdef char c
    while at < end:
        c = at[0]
        if c'0' <= c <= c'9':
            digits += 1
            if digits > LONGEST:
                return False
        else:
            digits = 0
            if c == c'"':
                at = fastws_next_quote(text, at + 1, end)
                while at < end and at[0] == c'\\':
                    # What is escaped may be a quote.
                    at = fastws_next_quote(text, at + 2, end) if end - at > 2 else end
            elif c == c'[' or c == c'{':
                depth += 1
                if depth > DEEPEST:
                    return False
            elif c == c']' or c == c'}':
                depth -= 1
        at += 1
    return True


cpdef object load_json(object text):
    """Return the value of a text, as pydantic reads it.

    Parameters:
        text: The text, a `str`.

    Raises:
        ValueError: It is no JSON.
    """
    cdef Py_ssize_t size
    cdef const char *start
    try:
        # Kept by the string itself, where the parsers look for it too.
        start = PyUnicode_AsUTF8AndSize(text, &size)
    except UnicodeEncodeError:
        raise ValueError("a lone surrogate") from None
    if loads is not None and reads_alike(start, size):
        try:
            return loads(text)
        except ValueError:
            pass  # pydantic reads NaN and the infinities, too
    return from_json(text)


cpdef bint is_finite(object value) except -1:
    """Whether there is neither a `NaN` nor an infinity in a value, nor anything that could stand for one."""
    cls = type(value)
    if cls is str or cls is int or cls is bool or value is None:
        return True
    if cls is float:
        return isfinite(<double> value)
    if cls is dict:
        for item in (<dict> value).values():
            if not is_finite(item):
                return False
        return True
    if cls is list:
        for item in <list> value:
            if not is_finite(item):
                return False
        return True
    return False


cdef inline bint has_null(bytes data) noexcept:
    # What Python does for `in` costs more than writing a small value.
    cdef const char *at = PyBytes_AS_STRING(data)
    cdef const char *end = at + PyBytes_GET_SIZE(data)
    while end - at >= 4:
        at = <const char *> memchr(at, c'n', end - at - 3)
        if at == NULL:
            return False
        if memcmp(at, b"null", 4) == 0:
            return True
        at += 1
    return False


cpdef bytes dump_exactly(object value):
    """Return a value as JSON, in which `NaN` and the infinities survive under these names.

    Parameters:
        value: What orjson or pydantic can write.

    Raises:
        pydantic_core.PydanticSerializationError: They cannot.
    """
    cdef bytes data
    if dumps is not None:
        try:
            data = dumps(value, None, options)
        except TypeError:
            pass  # integers beyond 64 bits and lone surrogates among others
        else:
            # Orjson writes null for them.
            if not has_null(data) or is_finite(value):
                return data
    return to_json(value, by_alias=True, inf_nan_mode="constants")
