# What other compiled modules call.

from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF


cdef inline object own(PyObject *owned):
    """Take over a reference."""
    value = <object> owned
    Py_DECREF(value)
    return value


cdef class Starter:
    cdef object start(self, object websocket, object message)


cdef object run(object awaitable, bint *ended)

cdef object begin(object awaitable)

cdef object start(object handler, object websocket, object message)
