# What other compiled modules call.


cdef object begin(object awaitable)

cdef object start(object handler, object websocket, object message)
