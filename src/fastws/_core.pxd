# What other compiled modules see of the table; the slots and the methods have to stand here for them to call one.

cimport cython
from cpython.object cimport PyObject
from libc.stdint cimport uint32_t


cdef struct Slot:
    # One place of the open-addressing table, empty where `tag` is NULL.  What it points to, `DispatchTable._entries`
    # keeps alive.
    const char *tag
    Py_ssize_t size
    uint32_t digest
    PyObject *validate
    PyObject *cls
    PyObject *handler


@cython.final
cdef class DispatchTable:
    cdef readonly object union
    cdef readonly object tagged
    cdef object _make_tagged
    cdef readonly object claim
    cdef readonly bytes key
    cdef readonly bytes other_key
    cdef readonly bint integer
    cdef dict _classes
    cdef tuple _entries
    cdef Slot *_slots
    cdef uint32_t _mask

    cdef int _fill(self) except -1
    cdef Slot *_find_slot(self, const char *tag, Py_ssize_t size) noexcept nogil
    cdef Slot *_peek(self, object text) except? NULL
    cdef object _claim(self, object text, object message, PyObject **handler)
    cdef int _add_tagged(self) except -1


cdef object find_message(DispatchTable table, object text, PyObject **handler)
