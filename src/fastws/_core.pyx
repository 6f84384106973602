"""The compiled leaf: find the tag in the raw JSON, look it up, validate, hand back.

The scan is a hint and pydantic is the judge.  Whatever the scan picks, the picked model's own validator reads the whole
text; when it refuses, or when the scan was unsure, the union that the user declared decides.  The eligibility rule in
``fastws.tags`` makes that sound: at most one member of the union can accept a text that carries the tag, so a wrong
guess can only cost time.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp

# How far into a text the scan looks for the tag, in bytes.  Past it pydantic's tagged union finds the tag for about 2 %
# of the validation, where skipping large values here would cost 15 % and more.
cdef enum:
    WINDOW = 4096


cdef struct Slot:
    # One place of the open-addressing table.  `entry` is an index into `DispatchTable._entries`, -1 where empty.
    const char *tag
    Py_ssize_t size
    uint32_t digest
    Py_ssize_t entry


cdef struct Span:
    # A stretch of the text; `start` is NULL where the scan found no tag.
    const char *start
    Py_ssize_t size


cdef inline uint32_t hash_bytes(const char *text, Py_ssize_t size) noexcept nogil:
    # FNV-1a.  The tags are the developer's, and one lookup compares only what shares its digest, so a sender who knows
    # the function gains nothing.
    cdef uint32_t digest = 2166136261u
    cdef Py_ssize_t i
    for i in range(size):
        digest = (digest ^ <unsigned char> text[i]) * 16777619u
    return digest


cdef inline const char *skip_space(const char *at, const char *end) noexcept nogil:
    # RFC 8259 section 2: these four and no others.
    while at < end and (at[0] == c' ' or at[0] == c'\n' or at[0] == c'\r' or at[0] == c'\t'):
        at += 1
    return at


cdef inline const char *skip_string(const char *at, const char *end, bint *escaped) noexcept nogil:
    # From behind the opening quote to the closing one; `end` when there is none.
    escaped[0] = False
    while at < end and at[0] != c'"':
        if at[0] == c'\\':
            escaped[0] = True
            at += 1
        at += 1
    return at if at < end else end


cdef inline const char *skip_value(const char *at, const char *end) noexcept nogil:
    # Past one value, to the comma or brace behind it.  Brackets are counted, not matched: what is malformed here,
    # pydantic refuses later.
    cdef Py_ssize_t depth = 0
    cdef bint escaped
    cdef char c
    while at < end:
        c = at[0]
        if c == c'"':
            at = skip_string(at + 1, end, &escaped)
            if at == end:
                return end
        elif c == c'{' or c == c'[':
            depth += 1
        elif c == c'}' or c == c']':
            if depth == 0:
                return at
            depth -= 1
        elif c == c',' and depth == 0:
            return at
        at += 1
    return end


cdef inline Span read_string_tag(const char *at, const char *end) noexcept nogil:
    # A backslash in the tag: pydantic reads it, the scan does not.
    cdef Span none = Span(NULL, 0)
    cdef const char *stop
    cdef bint escaped
    if at == end or at[0] != c'"':
        return none
    at += 1
    stop = skip_string(at, end, &escaped)
    if stop == end or escaped:
        return none
    return Span(at, stop - at)


cdef inline Span read_integer_tag(const char *at, const char *end) noexcept nogil:
    # The plain token only; `1.0`, `1e0` and `true` also mean 1 to a literal, and go to pydantic.
    cdef Span none = Span(NULL, 0)
    cdef const char *stop = at
    while stop < end and (stop[0] == c'-' or c'0' <= stop[0] <= c'9'):
        stop += 1
    if stop == at or stop == end:
        return none
    if stop[0] == c',' or stop[0] == c'}' or skip_space(stop, end) > stop:
        return Span(at, stop - at)
    return none


cdef Span find_tag(
    const char *text, Py_ssize_t size, const char *key, Py_ssize_t key_size, bint integer
) noexcept nogil:
    """Find the raw value of `key` in the top-level object of `text`; the first match wins."""
    cdef Span none = Span(NULL, 0)
    cdef const char *end = text + (size if size < WINDOW else WINDOW)
    cdef const char *at = skip_space(text, end)
    cdef const char *name
    cdef Py_ssize_t name_size
    cdef bint escaped
    if at == end or at[0] != c'{':
        return none
    while True:
        at = skip_space(at + 1, end)
        if at == end or at[0] != c'"':
            return none
        name = at + 1
        at = skip_string(name, end, &escaped)
        name_size = at - name
        if at == end:
            return none
        at = skip_space(at + 1, end)
        if at == end or at[0] != c':':
            return none
        at = skip_space(at + 1, end)
        # A key that is spelled with escapes may be the tag's; passing over it is sound, because the validator reads it.
        if not escaped and name_size == key_size and memcmp(name, key, key_size) == 0:
            return read_integer_tag(at, end) if integer else read_string_tag(at, end)
        at = skip_value(at, end)
        if at == end or at[0] != c',':
            return none


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


@cython.final
cdef class DispatchTable:
    """Route raw JSON messages to the handler of the model that accepts them.

    Immutable once made, and safe to use from many threads.

    Parameters:
        union: `validate_json` of the union as declared; its answer is final.
        classes: The handler of each class whose instances the union returns.
        tagged: `validate_json` of a tagged union over the same members, tried before `union` when the tag was not
            found; `None` to leave it out.
        key: The tag's key as it stands in the JSON, in UTF-8.
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

    cdef readonly object union
    cdef readonly object tagged
    cdef readonly object claim
    cdef readonly bytes key
    cdef readonly bint integer
    cdef dict _classes
    cdef tuple _entries
    cdef Slot *_slots
    cdef uint32_t _mask
    cdef Py_ssize_t _longest

    def __cinit__(self, *, union, classes, tagged=None, bytes key=b"", bint integer=False, entries=(), claim=None):
        if key is None or classes is None:
            raise TypeError("key and classes cannot be None")
        self.union = union
        self.tagged = tagged
        self.claim = claim
        self._classes = dict(classes)
        self.key = key
        self.integer = integer
        # Checked here, because the hot path takes it on trust.
        self._entries = tuple([check_entry(entry) for entry in entries])
        self._longest = 0
        self._slots = NULL
        if self._entries:
            self._fill()

    def __dealloc__(self):
        free(self._slots)

    cdef int _fill(self) except -1:
        cdef uint32_t capacity = 8
        cdef Py_ssize_t i
        cdef Slot *slot
        cdef bytes tag
        while capacity < 2 * <uint32_t> len(self._entries):
            capacity *= 2
        self._slots = <Slot *> calloc(capacity, sizeof(Slot))
        if self._slots == NULL:
            raise MemoryError
        self._mask = capacity - 1
        for i in range(<Py_ssize_t> capacity):
            self._slots[i].entry = -1
        for i in range(len(self._entries)):
            tag = self._entries[i][0]
            slot = self._find_slot(PyBytes_AS_STRING(tag), PyBytes_GET_SIZE(tag))
            if slot.entry != -1:
                raise ValueError(f"two entries share the tag {tag!r}")
            slot.tag = PyBytes_AS_STRING(tag)  # kept alive by `_entries`
            slot.size = PyBytes_GET_SIZE(tag)
            slot.digest = hash_bytes(slot.tag, slot.size)
            slot.entry = i
            self._longest = max(self._longest, slot.size)
        return 0

    cdef inline Slot *_find_slot(self, const char *tag, Py_ssize_t size) noexcept nogil:
        # At most half full, so there is always an empty slot to stop at.
        cdef uint32_t digest = hash_bytes(tag, size)
        cdef uint32_t i = digest & self._mask
        cdef Slot *slot
        while True:
            slot = &self._slots[i]
            if slot.entry == -1:
                return slot
            if slot.digest == digest and slot.size == size and memcmp(slot.tag, tag, size) == 0:
                return slot
            i = (i + 1) & self._mask

    cdef tuple _find_entry(self, object text):
        cdef const char *start
        cdef Py_ssize_t size
        cdef Span tag
        cdef Slot *slot
        cdef tuple entries = self._entries
        # `entries` is None only when the collector has cleared a dying cycle.
        if entries is None or self._slots == NULL:
            return None
        if isinstance(text, str):
            try:
                start = PyUnicode_AsUTF8AndSize(text, &size)
            except UnicodeEncodeError:  # a lone surrogate; pydantic says what it thinks of it
                return None
        elif isinstance(text, bytes):
            start = PyBytes_AS_STRING(text)
            size = PyBytes_GET_SIZE(text)
        else:
            return None
        tag = find_tag(start, size, PyBytes_AS_STRING(self.key), PyBytes_GET_SIZE(self.key), self.integer)
        if tag.start == NULL or tag.size > self._longest:
            return None
        slot = self._find_slot(tag.start, tag.size)
        return None if slot.entry == -1 else <tuple> entries[slot.entry]

    cdef object _handler_of(self, object message, object otherwise):
        cdef object handler = self._classes.get(type(message))
        return otherwise if handler is None else handler

    def peek(self, text, /):
        """Return the handler that the scan alone would pick for `text`, `None` where it found no known tag."""
        cdef tuple entry = self._find_entry(bytes(text) if isinstance(text, bytearray) else text)
        return None if entry is None else entry[3]

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
        cdef tuple entry
        cdef object message
        if isinstance(text, bytearray):
            text = bytes(text)
        entry = self._find_entry(text)
        if entry is not None:
            # Any failure, whatever it is, is the union's to report: a key may stand twice, and the last one counts.
            try:
                message = entry[1](text)
            except Exception:
                pass
            else:
                if type(message) is entry[2]:
                    return entry[3], message
                return self._handler_of(message, entry[3] if entry[2] is None else None), message
        elif self.tagged is not None:
            try:
                message = self.tagged(text)
            except Exception:
                pass
            else:
                return self._claimed(text, message)
        return self._claimed(text, self.union(text))

    cdef tuple _claimed(self, object text, object message):
        cdef object handler = self._classes.get(type(message))
        if handler is None and self.claim is not None:
            handler = self.claim(text, message)
        return handler, message
