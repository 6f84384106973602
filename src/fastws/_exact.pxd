# What other compiled modules call.

cpdef object load_json(object text)

cpdef bint is_finite(object value) except -1

cpdef bytes dump_exactly(object value)
