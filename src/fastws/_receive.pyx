"""The receive path: frame after frame to its handler, as far as handlers go without waiting.

The usual handler answers and is done.  Its coroutine is stepped once, and the next frame is taken: no task, no queue
and no timer is made for it.  A handler that waits is handed back to the connection, which reads ahead in another
task while the handler goes on in the task where it began.
"""

cimport cython
from cpython.object cimport PyObject

from fastws._call cimport begin, own, start
from fastws._core cimport DispatchTable, find_message

from asyncio import get_running_loop
from collections import deque

from fastws.errors import UnclaimedMessageError

cdef extern from "Python.h":
    PyObject *PyDict_GetItemWithError(object mapping, object key) except? NULL
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    Py_UCS4 PyUnicode_READ_CHAR(object text, Py_ssize_t index)

# A try block would save and restore the state of the interpreter around every message, also around those that pass:
# where nothing is caught, errors are looked for by hand.
ctypedef PyObject *(*Finder)(PyObject *table, PyObject *text, PyObject **handler) noexcept
cdef Finder find = <Finder> <void *> find_message


cdef int reraise() except -1:
    """Raise the exception that is set."""
    return -1


# So many sends in a row may end without having waited, within one message; then the others get a turn.  A server that
# has just lost its peer takes what it is given, and learns of the loss only when the event loop turns.
MOST_SENDS = 1000
cdef int most_sends = MOST_SENDS
cdef int sends = 0


@cython.final
cdef class _Pause:
    # One turn of the event loop for the others, as `asyncio.sleep(0)` gives them.
    cdef bint _over

    def __await__(self):
        return self

    def __next__(self):
        if self._over:
            raise StopIteration
        self._over = True


@cython.final
cdef class TimedSend:
    """Send frames, and notice the sends that do not finish at once.

    While one waits, the others wait for their turn: some servers let one task alone wait for a peer that reads slowly, and
    raise in all others (uvicorn with the older implementation of the package `websockets`).

    Parameters:
        send: The ASGI `send`.
        finish: Called with what remains of a send that waits; returns an awaitable in its place.
    """

    cdef object _send
    cdef object _finish
    cdef bint _waits
    cdef object _turns

    def __cinit__(self, send, finish):
        self._send = send
        self._finish = finish

    def send(self, message, /):
        """Send an ASGI message as far as it goes without waiting.

        Returns:
            `None` where it is sent, else an awaitable for the rest.
        """
        global sends
        if self._waits:
            return self._finish(self._send_in_turn(message))
        rest = begin(self._send(message))
        if rest is not None:
            return self._finish(self._wait(rest))
        sends += 1
        if sends >= most_sends:
            sends = 0
            return _Pause()
        return None

    async def _wait(self, object rest):
        self._waits = True
        try:
            await rest
        finally:
            self._pass_on()

    async def _send_in_turn(self, object message):
        if self._turns is None:
            self._turns = deque()
        turn = get_running_loop().create_future()
        self._turns.append(turn)
        try:
            await turn
            await self._send(message)
        finally:
            # Who has been interrupted before, is passed over.
            if not (turn.cancel() or turn.cancelled()):
                self._pass_on()

    cdef int _pass_on(self) except -1:
        while self._turns:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(None)
                return 0
        self._waits = False
        return 0


cdef Py_ssize_t size_of(object frame) except -1:
    """Return the size of a frame in bytes of UTF-8."""
    cdef Py_ssize_t i, size, length
    cdef Py_UCS4 c
    if not isinstance(frame, str):
        return len(frame)
    length = PyUnicode_GET_LENGTH(frame)
    if PyUnicode_IS_COMPACT_ASCII(frame):
        return length
    size = length
    for i in range(length):
        c = PyUnicode_READ_CHAR(frame, i)
        size += (c >= 0x80) + (c >= 0x800) + (c >= 0x10000)
    return size


def find_excess(message, Py_ssize_t limit, /):
    """Return the size of a message in bytes of UTF-8 where it is over the limit, else 0.

    Parameters:
        message: The ASGI message.
        limit: The largest size, -1 for any.
    """
    frame = message.get("text")
    if frame is None:
        frame = message.get("bytes")
    return 0 if frame is None else excess_of(frame, limit)


cdef inline Py_ssize_t excess_of(object frame, Py_ssize_t limit) except -1:
    cdef Py_ssize_t size
    # A character has four bytes at most.
    if limit < 0 or len(frame) * 4 <= limit:
        return 0
    size = size_of(frame)
    return size if size > limit else 0


@cython.final
cdef class Receiver:
    """Take the frames of a router's connections to their handlers.

    Parameters:
        text: Whether messages are text frames; binary frames otherwise.
        limit: The largest message in bytes of UTF-8, -1 for any.
        prepare: Called without arguments when `table` is `None`; returns the table, or `None` where there are no models.
        dispatch: Called as `(websocket, frame)` in the place of the table and the handlers, `None` to use these.
        receive_other: Called as `(websocket, message)` for an ASGI message that is no frame of the right kind; returns
            an awaitable or `None`.
        refuse: Called as `(websocket, frame, error)` for what no handler can take; returns an awaitable.
        refuse_size: Called as `(websocket, size)` for a message over the limit; returns an awaitable.
        fail: Called as `(websocket, message, error)` when a handler raised; returns an awaitable.
    """

    cdef public DispatchTable table
    cdef str _key
    cdef Py_ssize_t _limit
    cdef object _prepare
    cdef object _dispatch
    cdef object _receive_other
    cdef object _refuse
    cdef object _refuse_size
    cdef object _fail

    def __cinit__(self, *, text, limit, prepare, dispatch, receive_other, refuse, refuse_size, fail):
        self.table = None
        self._key = "text" if text else "bytes"
        self._limit = limit
        self._prepare = prepare
        self._dispatch = dispatch
        self._receive_other = receive_other
        self._refuse = refuse
        self._refuse_size = refuse_size
        self._fail = fail

    cpdef object take(self, object websocket, object message):
        """Handle one ASGI message as far as it goes without waiting.

        Returns:
            `None` where the message has been handled, else an awaitable for the rest.
        """
        global sends
        cdef PyObject *owned = NULL
        cdef object frame
        cdef Py_ssize_t size
        cdef PyObject *found
        cdef DispatchTable table
        if not isinstance(message, dict):
            message = dict(message)
        found = PyDict_GetItemWithError(message, self._key)
        # Some servers send both keys, one of them None; an empty text is a message.
        if found == NULL or found == <PyObject *> None:
            rest = self._receive_other(websocket, message)
            return None if rest is None else begin(rest)
        sends = 0
        frame = <object> found
        size = excess_of(frame, self._limit)
        if size:
            return begin(self._refuse_size(websocket, size))
        if self._dispatch is not None:
            return self._run(websocket, frame, self._dispatch)
        # Held for as long as it is used: a validator, or another thread, may register a model meanwhile.  Without the global
        # lock, another thread may even let go of it while it is taken; with it, the section locks nothing.
        with cython.critical_section(self):
            table = self.table
        if table is None:
            table = self._prepare()
            if table is None:
                return begin(self._refuse(websocket, frame, None))
            with cython.critical_section(self):
                self.table = table
        found = find(<PyObject *> table, <PyObject *> frame, &owned)
        if found == NULL:
            return self._refuse_raised(websocket, frame)
        validated = own(found)
        handler = own(owned)
        if handler is None:
            return begin(self._refuse(websocket, frame, UnclaimedMessageError(type(validated))))
        return self._run(websocket, validated, handler)

    cdef object _refuse_raised(self, object websocket, object frame):
        caught = None
        try:
            reraise()
        except Exception as error:  # the validators are the program's own
            caught = error
        # Out here, so that what the hook raises is not chained to an error that quotes the message.
        return begin(self._refuse(websocket, frame, caught))

    cdef inline object _run(self, object websocket, object message, object handler):
        if self._fail is None:
            return start(handler, websocket, message)
        try:
            rest = start(handler, websocket, message)
        except Exception as error:
            return begin(self._fail(websocket, message, error))
        return None if rest is None else self._attend(websocket, message, rest)

    async def _attend(self, object websocket, object message, object rest):
        try:
            await rest
        except Exception as error:
            await self._fail(websocket, message, error)
