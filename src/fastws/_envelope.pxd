# What other compiled modules see of an envelope and its reply.

cimport cython


@cython.final
cdef class Envelope:
    cdef readonly object uuid
    cdef public object headers
    cdef public object payload
    cdef public object plan
    cdef public bint answered


@cython.final
cdef class ReplyWriter:
    cdef bint _may_be_result
    cdef bint _is_result
    cdef object _encode
    cdef object _refuse

    cpdef tuple split(self, object returned)
    cpdef str write(self, object uuid, object status, object headers, object payload, bint declared)
    cpdef str answer(self, object uuid, object returned)
