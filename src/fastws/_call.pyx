"""How handlers are called: with their arguments in their places, as far as they go without waiting, and then answered.

A coroutine is stepped once, here: the usual handler answers and is done, and no task is made for it.  What remains of
one that waits is handed back, to be awaited in the task where it began.
"""

cimport cython
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF

from fastws._envelope cimport Envelope, ReplyWriter

from asyncio import CancelledError
from operator import index

from pydantic import ValidationError

cdef extern from "Python.h":
    ctypedef enum PySendResult:
        PYGEN_RETURN
        PYGEN_ERROR
        PYGEN_NEXT

    PySendResult PyIter_Send(object iterator, object value, PyObject **result) except PYGEN_ERROR
    PyObject *PyDict_GetItemWithError(object mapping, object key) except? NULL
    bint PyCoro_CheckExact(object value)
    bint PyFunction_Check(object value)

cdef extern from "_call.h":
    object fastws_call(object handler, PyObject *websocket, PyObject *message)
    object fastws_call_placed(object function, PyObject **arguments, Py_ssize_t positional, object names)
    object fastws_call_with(object function, object value, object names, object values)
    int fastws_step(object coroutine, PyObject **result) except -1

# A handler has so many arguments at most, a serializer so many options; there is room for them on the stack.
cdef enum:
    MOST = 30
    MOST_OPTIONS = 7

MOST_ARGUMENTS = MOST


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
        throw = getattr(self._iterator, "throw", None)
        if throw is None:  # an iterator that is no generator
            raise error[0] if len(error) == 1 or error[1] is None else error[1]
        return throw(*error)

    def close(self):
        close = getattr(self._iterator, "close", None)
        if close is not None:
            close()


cdef object next_of(object iterator):
    cdef PyObject *result = NULL
    cdef PySendResult how = PyIter_Send(iterator, None, &result)
    value = own(result)
    if how == PYGEN_RETURN:
        raise StopIteration(value)
    return value


cdef object continue_later(object iterator, PyObject *awaited):
    cdef Continuation rest = Continuation.__new__(Continuation)
    rest._iterator = iterator
    rest._awaited = own(awaited)
    return rest


cdef object run(object awaitable, bint *ended):
    """Run an awaitable until it ends or first waits; return its value where it has ended, else its continuation."""
    cdef PyObject *result = NULL
    if not PyCoro_CheckExact(awaitable):
        awaitable = awaitable.__await__()
    ended[0] = fastws_step(awaitable, &result)
    return own(result) if ended[0] else continue_later(awaitable, result)


# As `run`, but called for nearly every message, often twice.
cdef object begin(object awaitable):
    """Run an awaitable until it ends or first waits; return `None` where it has ended, else its continuation."""
    cdef PyObject *result = NULL
    if not PyCoro_CheckExact(awaitable):
        awaitable = awaitable.__await__()
    if fastws_step(awaitable, &result):
        Py_DECREF(<object> result)
        return None
    return continue_later(awaitable, result)


@cython.final
cdef class Placed:
    """A handler of `(websocket, message)`, called with its arguments in their places.

    Parameters:
        function: The handler as written, as a function that gives an awaitable.
        places: What each argument is: 0 the connection, 1 the message, from 2 on a value that is kept for the connection.
        names: The names of the last of them, which are handed over by name.
        kept: The keys of the values that are kept.
        scope_key: Where they are kept, in the scope of the connection.
        otherwise: Called as `(websocket, message)` where one is not kept for a connection.
    """

    cdef object _function
    cdef tuple _places
    cdef tuple _names
    cdef tuple _kept
    cdef object _scope_key
    cdef object _otherwise

    def __cinit__(self, function, tuple places, tuple names=(), *, tuple kept=(), scope_key=None, otherwise=None):
        if len(places) > MOST:
            raise ValueError(f"A handler has at most {MOST} arguments, not {len(places)}.")
        # Nothing is checked any more where memory is read by these: they have to be numbers, and not objects that say so.
        places = tuple(map(index, places))
        if len(names) > len(places) or not set(range(len(kept) + 2)).issuperset(places):
            raise ValueError(f"{places!r} with the names {names!r} are no places of arguments with {len(kept)} kept.")
        self._function = function
        self._places = places
        self._names = names
        self._kept = kept
        self._scope_key = scope_key
        self._otherwise = otherwise

    def __call__(self, websocket, message):
        return self.invoke(websocket, message)

    cdef object invoke(self, object websocket, object message):
        cdef PyObject *arguments[MOST + 1]
        cdef PyObject *found
        cdef Py_ssize_t i, place
        cdef object values = None
        if self._kept:
            values = websocket.scope.get(self._scope_key)
            if values is None:
                return self._otherwise(websocket, message)
        for i in range(len(self._places)):
            place = self._places[i]
            if place == 0:
                arguments[i + 1] = <PyObject *> websocket
            elif place == 1:
                arguments[i + 1] = <PyObject *> message
            else:
                found = PyDict_GetItemWithError(values, self._kept[place - 2])
                if found == NULL:
                    return self._otherwise(websocket, message)
                arguments[i + 1] = found
        return fastws_call_placed(self._function, arguments + 1, len(self._places) - len(self._names), self._names)


cdef inline object invoke(object handler, object websocket, object message):
    if type(handler) is Placed:
        return (<Placed> handler).invoke(websocket, message)
    return fastws_call(handler, <PyObject *> websocket, <PyObject *> message)


@cython.final
cdef class Encoder:
    """Write what a handler returns as JSON.

    Parameters:
        validate: Called as `(value, from_attributes=True)`.
        dump: Called as `(valid value, **options)`; returns bytes.
        options: How it is written.
        refuse: Called with the validation error of a value that is not what the handler declares; returns what is raised.
    """

    cdef object _validate
    cdef object _dump
    cdef tuple _names
    cdef tuple _values
    cdef object _refuse

    def __cinit__(self, validate, dump, dict options, refuse):
        self._validate = validate
        self._dump = dump
        if len(options) > MOST_OPTIONS:
            raise ValueError(f"A serializer has at most {MOST_OPTIONS} options, not {len(options)}.")
        self._names = tuple(options)
        self._values = tuple(options.values())
        self._refuse = refuse

    cpdef bytes encode(self, object value):
        """Return a value as JSON."""
        try:
            value = fastws_call_with(self._validate, value, FROM_ATTRIBUTES, TRUE)
        except ValidationError as error:
            raise self._refuse(error) from error
        return fastws_call_with(self._dump, value, self._names, self._values)


cdef tuple FROM_ATTRIBUTES = ("from_attributes",)
cdef tuple TRUE = (True,)


cdef inline object deliver(object websocket, bytes data):
    if websocket.settings.as_text:
        return websocket.send_text(data.decode())
    return websocket.send_bytes(data)


cdef class Starter:
    """A handler of `(websocket, message)` that can be started without a coroutine of its own."""

    cdef object start(self, object websocket, object message):
        """Run until it ends or first waits; return `None` where it has ended, else an awaitable for the rest."""
        raise NotImplementedError


@cython.final
cdef class Replying(Starter):
    """A handler of `(websocket, message)` that sends what another returns.

    Parameters:
        invoke: Called as `(websocket, message)`; returns an awaitable of the value.
        encoder: Writes it as JSON.
    """

    cdef object _invoke
    cdef Encoder _encoder

    def __cinit__(self, invoke, Encoder encoder not None):
        self._invoke = invoke
        self._encoder = encoder

    def __call__(self, websocket, message):
        return self._finish(websocket, invoke(self._invoke, websocket, message))

    cdef object start(self, object websocket, object message):
        cdef bint ended = False
        value = run(invoke(self._invoke, websocket, message), &ended)
        if not ended:
            return self._finish(websocket, value)
        return None if value is None else begin(deliver(websocket, self._encoder.encode(value)))

    async def _finish(self, object websocket, object rest):
        value = await rest
        if value is not None:
            await deliver(websocket, self._encoder.encode(value))


cdef object start(object handler, object websocket, object message):
    """Run a handler until it ends or first waits; return `None` where it has ended, else an awaitable for the rest."""
    # Most handlers are functions, and nothing else has to be looked at for them.
    if not PyFunction_Check(handler) and isinstance(handler, Starter):
        return (<Starter> handler).start(websocket, message)
    return begin(invoke(handler, websocket, message))


@cython.final
cdef class Answering(Starter):
    """The plan of a route without hooks.

    Parameters:
        call: Called as `(websocket, headers, payload)`; returns an awaitable of what is to be answered.
        writer: Writes that.
        fail: Called as `(websocket, envelope, error)` where there is no reply yet because something was raised; returns an
            awaitable.
    """

    cdef object _call
    cdef ReplyWriter _writer
    cdef object _fail

    def __cinit__(self, call, ReplyWriter writer not None, fail):
        self._call = call
        self._writer = writer
        self._fail = fail

    def __call__(self, websocket, Envelope envelope not None):
        return self._run(websocket, envelope)

    async def _run(self, object websocket, Envelope envelope):
        rest = self.start(websocket, envelope)
        if rest is not None:
            await rest

    cdef object start(self, object websocket, object message):
        cdef Envelope envelope = <Envelope?> message
        cdef bint ended = False
        try:
            value = run(self._call(websocket, envelope.headers, envelope.payload), &ended)
            if not ended:
                return self._finish(websocket, envelope, value)
            data = self._writer.answer(envelope.uuid, value)
        except BaseException as error:
            return begin(self._fail(websocket, envelope, error))
        envelope.answered = True
        return begin(websocket.send_text(data))

    async def _finish(self, object websocket, Envelope envelope, object rest):
        try:
            data = self._writer.answer(envelope.uuid, await rest)
        except (Exception, CancelledError) as error:
            await self._fail(websocket, envelope, error)
        else:
            envelope.answered = True
            await websocket.send_text(data)


@cython.final
cdef class Planned(Starter):
    """Answer requests each by the plan in its envelope: the handler of a dispatch table."""

    def __call__(self, websocket, Envelope envelope not None):
        return envelope.plan(websocket, envelope)

    cdef object start(self, object websocket, object message):
        return start((<Envelope?> message).plan, websocket, message)
