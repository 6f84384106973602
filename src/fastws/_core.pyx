"""The compiled leaf: find the tag in the raw JSON, look it up, validate, hand back.

The scan is a hint and pydantic is the judge.  Whatever the scan picks, the picked model's own validator reads the whole
text; when it refuses, or when the scan was unsure, the union that the user declared decides.  The eligibility rule in
``fastws.tags`` makes that sound: at most one member of the union can accept a text that carries the tag, so a wrong
guess can only cost time.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_GET_SIZE
from cpython.object cimport PyObject, PyTypeObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_CheckExact, PyUnicode_GET_LENGTH
from libc.stdint cimport uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp

cdef extern from "Python.h":
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    const void *PyUnicode_DATA(object text)
    PyTypeObject *Py_TYPE(object message)

cdef extern from "_core.h":
    const char *fastws_next_quote(const char *start, const char *at, const char *end) nogil
    const char *fastws_next_bracket(const char *start, const char *at, const char *end) nogil
    object fastws_attempt(PyObject *function, object argument, object failed)

# How far the scan goes for a tag: so many bytes into the text, over so many quotes, brackets and escapes.  Past that
# pydantic's tagged union finds it for a few per cent of the validation, where skipping on would cost more; see
# `benchmarks/test_window.py`.
WINDOW = 1280
STEPS = 64
cdef Py_ssize_t window = WINDOW
cdef int most_steps = STEPS


# What stands for the result of a validation that failed; no validator can return it.
cdef object FAILED = object()


cdef struct Span:
    # A stretch of the text; `start` is NULL where the scan found no tag.
    const char *start
    Py_ssize_t size


cdef inline Span span_of(bytes key) noexcept:
    # No key is as short as the one that is None.
    return Span(NULL, -1) if key is None else Span(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key))


cdef inline uint32_t hash_bytes(const char *text, Py_ssize_t size) noexcept nogil:
    # FNV-1a.  The tags are the developer's, and one lookup compares only what shares its digest, so a sender who knows
    # the function gains nothing.
    cdef uint32_t digest = 2166136261u
    cdef Py_ssize_t i
    for i in range(size):
        digest = (digest ^ <unsigned char> text[i]) * 16777619u
    return digest


cdef inline const char *skip_space(const char *at, const char *end) noexcept nogil:
    # RFC 8259 section 2: these four and no others.  Most often there is none, which one comparison tells.
    while at < end and at[0] <= c' ' and (at[0] == c' ' or at[0] == c'\n' or at[0] == c'\r' or at[0] == c'\t'):
        at += 1
    return at


cdef struct Scan:
    const char *start
    const char *at
    const char *end
    # How many more quotes, brackets and escapes to look at.
    int steps


cdef inline bint skip_string(Scan *scan, bint *escaped) noexcept nogil:
    """Go from behind the opening quote to the closing one; whether there is one within bounds."""
    escaped[0] = False
    while True:
        scan.at = fastws_next_quote(scan.start, scan.at, scan.end)
        scan.steps -= 1
        if scan.at == scan.end or scan.steps < 0:
            return False
        if scan.at[0] == c'"':
            return True
        escaped[0] = True
        if scan.end - scan.at < 2:
            return False
        scan.at += 2


cdef inline bint skip_value(Scan *scan) noexcept nogil:
    """Go past one value, to the comma or brace behind it; whether there is one within bounds.

    Brackets are counted, not matched: what is malformed here, pydantic refuses later.
    """
    cdef Py_ssize_t depth = 0
    cdef bint escaped
    cdef char c = scan.at[0]
    if c != c'"' and c != c'{' and c != c'[':
        # Folded, a bracket is a brace.
        while scan.at < scan.end and scan.at[0] != c',' and (scan.at[0] | 0x20) != c'}':
            scan.at += 1
        return scan.at < scan.end
    while True:
        if c == c'"':
            scan.at += 1
            if not skip_string(scan, &escaped):
                return False
        elif c == c'{' or c == c'[':
            depth += 1
        else:
            depth -= 1
        scan.at += 1
        if depth == 0:
            scan.at = skip_space(scan.at, scan.end)
            return scan.at < scan.end
        scan.at = fastws_next_bracket(scan.start, scan.at, scan.end)
        scan.steps -= 1
        if scan.at == scan.end or scan.steps < 0:
            return False
        c = scan.at[0]


cdef inline Span read_string_tag(Scan *scan) noexcept nogil:
    # A backslash in the tag: pydantic reads it, the scan does not.
    cdef const char *start = scan.at + 1
    cdef bint escaped
    if scan.at[0] != c'"':
        return Span(NULL, 0)
    scan.at += 1
    if not skip_string(scan, &escaped) or escaped:
        return Span(NULL, 0)
    return Span(start, scan.at - start)


cdef inline Span read_integer_tag(Scan *scan) noexcept nogil:
    # The plain token only; `1.0`, `1e0` and `true` also mean 1 to a literal, and go to pydantic.
    cdef const char *at = scan.at
    while at < scan.end and (at[0] == c'-' or c'0' <= at[0] <= c'9'):
        at += 1
    if at == scan.at or at == scan.end:
        return Span(NULL, 0)
    if at[0] == c',' or at[0] == c'}' or skip_space(at, scan.end) > at:
        return Span(scan.at, at - scan.at)
    return Span(NULL, 0)


cdef Span find_tag(
    const char *text, Py_ssize_t size, Span key, Span other_key, bint integer
) noexcept nogil:
    """Find the raw value of one of two keys in the top-level object of `text`; the first match wins."""
    cdef Scan scan
    cdef const char *name
    cdef Py_ssize_t name_size
    cdef bint escaped
    scan.start = text
    scan.end = text + (size if size < window else window)
    scan.at = skip_space(text, scan.end)
    scan.steps = most_steps
    if scan.at == scan.end or scan.at[0] != c'{':
        return Span(NULL, 0)
    while True:
        scan.at = skip_space(scan.at + 1, scan.end)
        if scan.at == scan.end or scan.at[0] != c'"':
            return Span(NULL, 0)
        name = scan.at + 1
        scan.at = name
        if not skip_string(&scan, &escaped):
            return Span(NULL, 0)
        name_size = scan.at - name
        scan.at = skip_space(scan.at + 1, scan.end)
        if scan.at == scan.end or scan.at[0] != c':':
            return Span(NULL, 0)
        scan.at = skip_space(scan.at + 1, scan.end)
        if scan.at == scan.end:
            return Span(NULL, 0)
        # A key that is spelled with escapes may be the tag's; passing over it is sound, because the validator reads it.
        if not escaped and (
            (name_size == key.size and memcmp(name, key.start, name_size) == 0)
            or (name_size == other_key.size and memcmp(name, other_key.start, name_size) == 0)
        ):
            return read_integer_tag(&scan) if integer else read_string_tag(&scan)
        if not skip_value(&scan) or scan.at[0] != c',':
            return Span(NULL, 0)


cdef tuple check_entry(object entry):
    if (
        not isinstance(entry, tuple)
        or len(entry) != 4
        or not isinstance(entry[0], bytes)
        or not callable(entry[1])
        or not (entry[2] is None or isinstance(entry[2], type))
    ):
        raise TypeError(f"an entry is (bytes, callable, class or None, handler), not {entry!r}")
    return <tuple> entry


# Not cleared by the collector, because the slots point into `_entries`; a cycle is broken at another of its objects.
@cython.no_gc_clear
cdef class DispatchTable:
    """Route raw JSON messages to the handler of the model that accepts them.

    Immutable once made, and safe to use from many threads.

    Parameters:
        union: `validate_json` of the union as declared; its answer is final.
        classes: The handler of each class whose instances the union returns.
        make_tagged: Makes `validate_json` of a tagged union over the same members, which is tried before `union` when
            the tag was not found; called when it is first needed. `None` to leave it out.
        key: The tag's key as it stands in the JSON, in UTF-8.
        other_key: Another spelling of it, `None` for none; which one counts where both come, the validators decide.
        integer: Whether the tags are integers rather than strings.
        entries: One `(tag, validate_json, cls, handler)` for each tag: the tag's raw bytes as they stand in the JSON
            (without quotes), its model's own `validate_json`, and the class of the result, `None` where the result is
            no instance of the model (a `TypedDict`) and the handler is the entry's own.
        claim: Called as `claim(text, message)` for a result of the union whose class is not among `classes`; returns
            its handler or `None`.

    Raises:
        TypeError: An entry is not of this form.
        ValueError: Two entries share a tag.
    """

    def __cinit__(
        self,
        *,
        union,
        classes,
        make_tagged=None,
        bytes key=b"",
        bytes other_key=None,
        bint integer=False,
        entries=(),
        claim=None,
    ):
        if key is None or classes is None:
            raise TypeError("key and classes cannot be None")
        self.union = union
        self.tagged = None
        self._make_tagged = make_tagged
        self.claim = claim
        self._classes = dict(classes)
        self.key = key
        self.other_key = other_key
        self.integer = integer
        # Checked here, because the hot path takes it on trust.
        self._entries = tuple([check_entry(entry) for entry in entries])
        self._slots = NULL
        if self._entries:
            self._fill()

    def __dealloc__(self):
        free(self._slots)

    cdef int _fill(self) except -1:
        cdef uint32_t capacity = 8
        cdef Slot *slot
        cdef bytes tag
        while capacity < 2 * <uint32_t> len(self._entries):
            capacity *= 2
        self._slots = <Slot *> calloc(capacity, sizeof(Slot))
        if self._slots == NULL:
            raise MemoryError
        self._mask = capacity - 1
        for entry in self._entries:
            tag = entry[0]
            slot = self._find_slot(PyBytes_AS_STRING(tag), PyBytes_GET_SIZE(tag))
            if slot.tag != NULL:
                raise ValueError(f"two entries share the tag {tag!r}")
            slot.tag = PyBytes_AS_STRING(tag)
            slot.size = PyBytes_GET_SIZE(tag)
            slot.digest = hash_bytes(slot.tag, slot.size)
            slot.validate = <PyObject *> (<tuple> entry)[1]
            slot.cls = <PyObject *> (<tuple> entry)[2]
            slot.handler = <PyObject *> (<tuple> entry)[3]
        return 0

    cdef inline Slot *_find_slot(self, const char *tag, Py_ssize_t size) noexcept nogil:
        # At most half full, so there is always an empty slot to stop at.
        cdef uint32_t digest = hash_bytes(tag, size)
        cdef uint32_t i = digest & self._mask
        cdef Slot *slot
        while True:
            slot = &self._slots[i]
            if slot.tag == NULL or (slot.digest == digest and slot.size == size and memcmp(slot.tag, tag, size) == 0):
                return slot
            i = (i + 1) & self._mask

    cdef inline Slot *_peek(self, object text) except? NULL:
        """Return the slot of the tag in a text, an empty one where no member has that tag; NULL without a tag."""
        cdef const char *start
        cdef Py_ssize_t size
        cdef Span tag
        if self._slots == NULL:
            return NULL
        if PyUnicode_CheckExact(text) and PyUnicode_IS_COMPACT_ASCII(text):
            start = <const char *> PyUnicode_DATA(text)
            size = PyUnicode_GET_LENGTH(text)
        elif PyBytes_CheckExact(text):
            start = PyBytes_AS_STRING(text)
            size = PyBytes_GET_SIZE(text)
        elif isinstance(text, str):
            try:
                # Kept by the string itself, where pydantic looks for it too.
                start = PyUnicode_AsUTF8AndSize(text, &size)
            except UnicodeEncodeError:  # a lone surrogate; pydantic says what it thinks of it
                return NULL
        elif isinstance(text, bytes):
            start = PyBytes_AS_STRING(text)
            size = PyBytes_GET_SIZE(text)
        else:
            return NULL
        tag = find_tag(start, size, span_of(self.key), span_of(self.other_key), self.integer)
        return NULL if tag.start == NULL else self._find_slot(tag.start, tag.size)

    def peek(self, text, /):
        """Return the handler that the scan alone would pick for `text`, `None` where it found no known tag."""
        cdef Slot *slot = self._peek(bytes(text) if isinstance(text, bytearray) else text)
        return None if slot == NULL or slot.tag == NULL else <object> slot.handler

    def route(self, text, /):
        """Validate one message and find its handler.

        Parameters:
            text: The message as it came: `str`, `bytes` or `bytearray` (which is copied).

        Returns:
            `(handler, message)`. The handler is that of the exact class of the message, else that of the member that
            matched; `None` where no handler claims the message.

        Raises:
            pydantic.ValidationError: No member accepts the text; the error is that of the declared union.
            Exception: What a validator of the user raised that is not a validation error.
        """
        cdef PyObject *owned = NULL
        message = find_message(self, text, &owned)
        handler = <object> owned
        Py_DECREF(handler)
        return handler, message

    cdef object _claim(self, object text, object message, PyObject **handler):
        cdef object found = self._classes.get(type(message))
        if found is None and self.claim is not None:
            found = self.claim(text, message)
        Py_INCREF(found)
        handler[0] = <PyObject *> found
        return message

    cdef int _add_tagged(self) except -1:
        # Few programs send their tags so late, and a union costs as much to build as all the rest of the table.
        tagged = self._make_tagged()
        with cython.critical_section(self):
            if self.tagged is None:
                self.tagged = tagged
        return 0


cdef object find_message(DispatchTable table, object text, PyObject **handler):
    """Do as `DispatchTable.route` says; return the message, and put a reference to its handler, which the caller owns, there."""
    cdef Slot *slot
    cdef object message
    if not PyUnicode_CheckExact(text) and isinstance(text, bytearray):
        text = bytes(text)
    slot = table._peek(text)
    if slot != NULL and slot.tag != NULL:
        message = fastws_attempt(slot.validate, text, FAILED)
        if slot.cls == <PyObject *> Py_TYPE(message):
            Py_INCREF(<object> slot.handler)
            handler[0] = slot.handler
            return message
        # Any failure is the union's to report: a key may stand twice, and the last one counts.
        if message is not FAILED:
            found = table._classes.get(type(message))
            if found is None and slot.cls == <PyObject *> None:
                found = <object> slot.handler
            Py_INCREF(found)
            handler[0] = <PyObject *> found
            return message
    # The tagged union would find the same tag, and refuse it.
    elif slot == NULL and table._make_tagged is not None:
        if table.tagged is None:
            table._add_tagged()
        message = fastws_attempt(<PyObject *> table.tagged, text, FAILED)
        if message is not FAILED:
            return table._claim(text, message, handler)
    return table._claim(text, table.union(text), handler)
