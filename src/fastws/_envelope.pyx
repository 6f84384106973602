"""The envelopes of requests and replies: an id that joins them, headers and a payload, read and written without a model."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.long cimport PyLong_AsLongLongAndOverflow
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.math cimport isfinite
from libc.string cimport memcpy

from fastws._exact cimport dump_exactly, load_json

from pydantic import ValidationError


cdef inline bint may_match(object uuid) except -1:
    """Whether a reply can be matched by this: a scalar of JSON."""
    cls = type(uuid)
    return cls is str or cls is int or cls is bool or (cls is float and isfinite(<double> uuid))


cdef inline bint is_id(object uuid) except -1:
    """Whether a request may have this id: what pydantic takes for a string or an integer."""
    cdef double number
    cls = type(uuid)
    if cls is not float:
        return cls is str or cls is int or cls is bool
    number = uuid
    # Pydantic makes integers only of those that fit into 64 bits.
    return -9223372036854775808.0 < number < 9223372036854775808.0 and number == <long long> number


@cython.final
cdef class Envelope:
    """A request that came.

    Attributes:
        uuid: What its reply is matched by, as it came.
        headers: Its headers.
        payload: What it carries, `None` for nothing.
        plan: What is called with the connection and the envelope, to answer it.
        answered: Whether its reply is on its way.

    Parameters:
        uuid, headers, payload, plan: The attributes.
    """

    def __init__(self, uuid, headers, payload, plan):
        self.uuid = uuid
        self.headers = headers
        self.payload = payload
        self.plan = plan


cdef Envelope make_envelope(object uuid, object headers, object payload, object plan):
    cdef Envelope envelope = Envelope.__new__(Envelope)
    envelope.uuid = uuid
    envelope.headers = headers
    envelope.payload = payload
    envelope.plan = plan
    return envelope


cdef object MISSING = object()


@cython.final
cdef class EnvelopeReader:
    """Read requests: the `union` of a dispatch table.

    Parameters:
        plans: What answers the requests of each route; may be added to.
        refine: Called as `(text, envelope)` for the requests of a route whose headers or payload have a type; likewise.
        ping: The route that is answered whatever else is in the envelope.
        refuse: The plan of what is no request.
        miss: The plan of requests of other routes.
        recover: Called with a text that is no JSON to pydantic; returns the id that its reply can be matched by, or 0.
    """

    cdef dict _plans
    cdef dict _refine
    cdef object _ping
    cdef object _refuse
    cdef object _miss
    cdef object _recover

    def __cinit__(self, *, dict plans not None, dict refine not None, ping, refuse, miss, recover):
        self._plans = plans
        self._refine = refine
        self._ping = ping
        self._refuse = refuse
        self._miss = miss
        self._recover = recover

    def __call__(self, text, /):
        """Return the envelope of a text; never raises because of the text."""
        return self.read(text, None, None)

    cdef Envelope read(self, object text, object tried, object error):
        """Return the envelope of a text that a plan may have refused already, with an error."""
        cdef Envelope envelope
        try:
            value = load_json(text)
        except ValueError:
            return make_envelope(self._recover(text), None, None, self._refuse)
        if type(value) is not dict:
            return make_envelope(0, None, None, self._refuse)
        found = <dict> value
        # Where both spellings come, these count.
        uuid = found.get("track_id", MISSING)
        if uuid is MISSING:
            uuid = found.get("uuid", MISSING)
        route = found.get("path", MISSING)
        if route is MISSING:
            route = found.get("route")
        headers = found.get("headers")
        if type(route) is not str or not is_id(uuid) or not (headers is None or type(headers) is dict):
            plan = self._plans[self._ping] if type(route) is str and route == self._ping else self._refuse
            return make_envelope(uuid if may_match(uuid) else 0, None, None, plan)
        envelope = make_envelope(
            uuid, {} if headers is None else headers, found.get("payload"), self._plans.get(route, self._miss)
        )
        if self._refine:
            refine = self._refine.get(route)
            if refine is not None:
                if error is not None and envelope.plan is tried:
                    refine(text, envelope, error)
                else:
                    refine(text, envelope)
        return envelope


@cython.final
cdef class TypedReader:
    """Read the requests of one route whose headers or payload have a type: the validator of its tag.

    Parameters:
        validate: The `validate_json` of a model with the fields `track_id`, `headers` and `payload`.
        plan: What answers the requests.
        make_headers: Makes the headers of a request that has none; `None` to leave it at that.
        otherwise: Reads what is not valid, so that it is not validated once more to say why.
    """

    cdef object _validate
    cdef object _plan
    cdef object _make_headers
    cdef EnvelopeReader _otherwise

    def __cinit__(self, validate, plan, *, make_headers, EnvelopeReader otherwise not None):
        self._validate = validate
        self._plan = plan
        self._make_headers = make_headers
        self._otherwise = otherwise

    def __call__(self, text, /):
        """Return the envelope of a text.

        Raises:
            ValueError: Its id is none; the union of the table says so to the client.
        """
        try:
            request = self._validate(text)
        except ValidationError as error:
            return self._otherwise.read(text, self._plan, error)
        uuid = request.track_id
        if not is_id(uuid):
            raise ValueError("no id")
        headers = request.headers
        if headers is None and self._make_headers is not None:
            headers = self._make_headers()
        return make_envelope(uuid, headers, request.payload, self._plan)


cdef inline char *put(char *at, const char *text, Py_ssize_t size) noexcept nogil:
    memcpy(at, text, size)
    return at + size


cdef inline char *put_bytes(char *at, bytes data) noexcept:
    return put(at, PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))


cdef inline char *put_number(char *at, long long number) noexcept nogil:
    # `snprintf` takes as long as all the rest.
    cdef char digits[24]
    cdef int i = 24
    cdef unsigned long long left = <unsigned long long> number
    if number < 0:
        left = 0 - left
    while True:
        i -= 1
        digits[i] = c'0' + <char> (left % 10)
        left //= 10
        if left == 0:
            break
    if number < 0:
        i -= 1
        digits[i] = c'-'
    return put(at, digits + i, 24 - i)


cdef enum:
    # What stands around the values of a reply, with a number.
    AROUND = 96
    # Longer replies are put together elsewhere than on the stack.
    ROOM = 2048


cdef str write_reply(object uuid, long long status, object headers, bytes payload):
    """Return a reply as JSON, its keys in the order of the published package."""
    cdef char room[ROOM]
    cdef char *start = room
    cdef char *at
    cdef Py_ssize_t size
    cdef long long number = 0
    cdef int beyond = 1
    cdef bytes id_ = b""
    cdef bytes head = b"null" if headers is None else dump_exactly(headers) if headers else b"{}"
    if type(uuid) is int:
        number = PyLong_AsLongLongAndOverflow(uuid, &beyond)
    if beyond:
        id_ = dump_exactly(uuid)
    size = PyBytes_GET_SIZE(head) + PyBytes_GET_SIZE(payload) + PyBytes_GET_SIZE(id_) + AROUND
    if size > ROOM:
        start = <char *> PyMem_Malloc(size)
        if start == NULL:
            raise MemoryError
    try:
        at = put_bytes(put(start, b'{"headers":', 11), head)
        at = put_bytes(put(at, b',"payload":', 11), payload)
        at = put_bytes(put(at, b',"uuid":', 8), id_)
        if not beyond:
            at = put_number(at, number)
        at = put(put_number(put(at, b',"status":', 10), status), b"}", 1)
        return PyUnicode_DecodeUTF8(start, at - start, NULL)
    finally:
        if start != room:
            PyMem_Free(start)


@cython.final
cdef class ReplyWriter:
    """Write what handlers return: a result with a status, headers and a payload, or the payload alone.

    Parameters:
        may_be_result: Whether a dictionary that looks like a result is one.
        is_result: Whether every dictionary is one, and nothing else may be returned.
        encode: Returns a payload that the handler declares, as JSON; `None` where it declares none.
        refuse: Called with what should have been returned; returns what is raised.
    """

    def __cinit__(self, *, bint may_be_result, bint is_result, encode, refuse):
        self._may_be_result = may_be_result
        self._is_result = is_result
        self._encode = encode
        self._refuse = refuse

    cpdef tuple split(self, object returned):
        """Return the status, the headers and the payload of what a handler returned, and whether that is the payload."""
        if self._is_result:
            if returned is None:
                return 200, EMPTY, None, False
            if not isinstance(returned, dict):
                raise self._refuse("HandlerResult")
        elif not (self._may_be_result and isinstance(returned, dict) and looks_like_result(<dict> returned)):
            return 200, EMPTY, returned, True
        status = returned.get("status")
        headers = returned.get("headers", EMPTY)
        if status is None:
            status = 200
        elif not isinstance(status, int) or isinstance(status, bool):
            raise self._refuse("number for a status")
        if headers is not None and not isinstance(headers, dict):
            raise self._refuse("dictionary of headers")
        return status, headers, returned.get("payload"), False

    cpdef str write(self, object uuid, object status, object headers, object payload, bint declared):
        """Return a reply as JSON.

        Parameters:
            uuid: That of the request.
            status: The status.
            headers: The headers.
            payload: The payload.
            declared: Whether the payload is what the handler declares to return.

        Raises:
            Exception: The payload is not what the handler declares, or cannot be written as JSON.
        """
        if declared and self._encode is not None:
            return write_reply(uuid, status, headers, <bytes?> self._encode(payload))
        return write_reply(uuid, status, headers, dump_exactly(payload))

    cpdef str answer(self, object uuid, object returned):
        """Return the reply to a request whose handler has returned something."""
        status, headers, payload, declared = self.split(returned)
        return self.write(uuid, status, headers, payload, declared)


cdef dict EMPTY = {}


cdef inline bint looks_like_result(dict returned) except -1:
    """Whether there is nothing but `status`, `headers` and `payload` in what was returned; or both a status and a payload,
    beside which nothing else counts.
    """
    cdef bint status = "status" in returned
    cdef bint payload = "payload" in returned
    cdef Py_ssize_t known = status + payload + ("headers" in returned)
    return (status and payload) or (known > 0 and known == len(returned))


def write_response(uuid, status, headers, payload):
    """Return a reply as JSON.

    Parameters:
        uuid: That of the request.
        status: The status.
        headers: The headers, a dictionary or `None`.
        payload: The payload.

    Raises:
        pydantic_core.PydanticSerializationError: It cannot be written as JSON.
    """
    return write_reply(uuid, status, headers, dump_exactly(payload))
