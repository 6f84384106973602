"""The receive path: frame after frame to its handler, as far as handlers go without waiting.

The usual handler answers and is done.  Its coroutine is stepped once, here, and the next frame is taken: no task, no
queue and no timer is made for it.  A handler that waits is handed back to the connection, which reads ahead in another
task while the handler goes on in the task where it began.
"""

cimport cython
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF

from fastws._core cimport DispatchTable

from fastws.errors import UnclaimedMessageError

cdef extern from "Python.h":
    ctypedef enum PySendResult:
        PYGEN_RETURN
        PYGEN_ERROR
        PYGEN_NEXT

    PySendResult PyIter_Send(object iterator, object value, PyObject **result) except PYGEN_ERROR
    PyObject *PyDict_GetItemWithError(object mapping, object key) except? NULL
    bint PyCoro_CheckExact(object value)
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    int PyUnicode_MAX_CHAR_VALUE(object text)
    Py_UCS4 PyUnicode_READ_CHAR(object text, Py_ssize_t index)

# So many sends in a row may end without having waited, within one message; then the others get a turn.  A server that
# has just lost its peer takes what it is given, and learns of the loss only when the event loop turns.
MOST_SENDS = 1000
cdef int most_sends = MOST_SENDS
cdef int sends = 0


cdef object own(PyObject *owned):
    """Take over a reference."""
    value = <object> owned
    Py_DECREF(value)
    return value


@cython.final
cdef class Continuation:
    """What remains of a coroutine that has been stepped: it goes on where it first waited, in the task that awaits this.

    Awaiting this once more yields what the coroutine waits for; from then on everything passes through.
    """

    cdef object _iterator
    cdef object _awaited
    cdef bint _yielded

    def __await__(self):
        return self

    def __iter__(self):
        return self

    def __next__(self):
        return self.send(None)

    def send(self, value):
        if not self._yielded:
            self._yielded = True
            awaited, self._awaited = self._awaited, None
            return awaited
        return self._iterator.send(value) if value is not None else next_of(self._iterator)

    def throw(self, *error):
        self._yielded = True
        self._awaited = None
        return self._iterator.throw(*error)

    def close(self):
        self._iterator.close()


cdef object next_of(object iterator):
    cdef PyObject *result = NULL
    cdef PySendResult how = PyIter_Send(iterator, None, &result)
    value = own(result)
    if how == PYGEN_RETURN:
        raise StopIteration(value)
    return value


cdef inline object begin(object awaitable):
    """Run an awaitable until it ends or first waits; return `None` where it has ended, else its continuation."""
    cdef PyObject *result = NULL
    cdef Continuation rest
    if not PyCoro_CheckExact(awaitable):
        awaitable = awaitable.__await__()
    if PyIter_Send(awaitable, None, &result) == PYGEN_RETURN:
        own(result)
        return None
    rest = Continuation.__new__(Continuation)
    rest._iterator = awaitable
    rest._awaited = own(result)
    return rest


cdef class _Pause:
    # One turn of the event loop for the others, as `asyncio.sleep(0)` gives them.
    cdef bint _over

    def __await__(self):
        return self

    def __next__(self):
        if self._over:
            raise StopIteration
        self._over = True


def step_send(coroutine, /):
    """Run a send until it ends or first waits.

    Returns:
        `None` where it has ended, else an awaitable for the rest.
    """
    global sends
    rest = begin(coroutine)
    if rest is None:
        sends += 1
        if sends >= most_sends:
            sends = 0
            return _Pause()
    return rest


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

    def __init__(self, *, text, limit, prepare, dispatch, receive_other, refuse, refuse_size, fail):
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
        cdef PyObject *found = PyDict_GetItemWithError(message, self._key)
        # Some servers send both keys, one of them None; an empty text is a message.
        if found == NULL or found == <PyObject *> None:
            return self._receive_other(websocket, message)
        sends = 0
        frame = <object> found
        if self._limit >= 0 and len(frame) * 4 > self._limit:
            size = size_of(frame)
            if size > self._limit:
                return begin(self._refuse_size(websocket, size))
        if self._dispatch is not None:
            return self._run(websocket, frame, self._dispatch)
        if self.table is None:
            self.table = self._prepare()
            if self.table is None:
                return begin(self._refuse(websocket, frame, None))
        try:
            validated = self.table.find(frame, &owned)
        except Exception as error:  # the validators are the program's own
            return begin(self._refuse(websocket, frame, error))
        handler = own(owned)
        if handler is None:
            return begin(self._refuse(websocket, frame, UnclaimedMessageError(type(validated))))
        return self._run(websocket, validated, handler)

    cdef inline object _run(self, object websocket, object message, object handler):
        if self._fail is None:
            return begin(handler(websocket, message))
        try:
            rest = begin(handler(websocket, message))
        except Exception as error:
            return begin(self._fail(websocket, message, error))
        return None if rest is None else self._attend(websocket, message, rest)

    async def _attend(self, object websocket, object message, object rest):
        try:
            await rest
        except Exception as error:
            await self._fail(websocket, message, error)


@cython.final
cdef class ReceiveLoop:
    """Take a connection's frames, one after the other, until it is stopped or a handler waits.

    Awaited once; the result is what remains of the handler that waits, `None` where the loop was stopped.

    Parameters:
        receiver: What takes the frames.
        websocket: The connection.
        receive: Its ASGI `receive`.
    """

    cdef Receiver _receiver
    cdef object _websocket
    cdef object _receive
    cdef object _receiving
    cdef bint _stopped

    def __init__(self, Receiver receiver not None, websocket, receive):
        self._receiver = receiver
        self._websocket = websocket
        self._receive = receive

    def stop(self):
        """Take no further frame."""
        self._stopped = True

    def __await__(self):
        return self

    def __iter__(self):
        return self

    def __next__(self):
        return self._advance(None)

    def send(self, value):
        return self._advance(value)

    def throw(self, *error):
        if self._receiving is None:
            self._receiving = self._receive().__await__()
        try:
            return self._receiving.throw(*error)
        except StopIteration as done:  # the server had a message after all
            self._receiving = None
            self._take(done.value)
        except BaseException:
            self._receiving = None
            raise
        return self._advance(None)

    def close(self):
        if self._receiving is not None:
            self._receiving.close()

    cdef object _advance(self, object value):
        cdef PyObject *result = NULL
        cdef PySendResult how
        while not self._stopped:
            if self._receiving is None:
                self._receiving = self._receive()
                if not PyCoro_CheckExact(self._receiving):
                    self._receiving = self._receiving.__await__()
            how = PyIter_Send(self._receiving, value, &result)
            if how == PYGEN_NEXT:
                return own(result)
            self._receiving = None
            self._take(own(result))
            value = None
        raise StopIteration

    cdef inline int _take(self, object message) except -1:
        rest = self._receiver.take(self._websocket, message)
        if rest is not None:
            raise StopIteration(rest)
        return 0
