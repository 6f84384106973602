"""How a request is answered whose handler takes nothing but the request: called, as far as it goes without waiting, and
its reply sent.
"""

cimport cython

from fastws._call cimport Starter, begin, run, start
from fastws._envelope cimport Envelope, ReplyWriter

from asyncio import CancelledError


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
