/* What the receive path does in C itself: calls without their ceremony, each once or more for every message. */

#ifndef FASTWS_RECEIVE_H
#define FASTWS_RECEIVE_H

#include <Python.h>

/* Call `handler(websocket, message)`. */
static inline PyObject *fastws_call_handler(PyObject *handler, PyObject *websocket, PyObject *message)
{
    PyObject *arguments[3] = {NULL, websocket, message};
    return PyObject_Vectorcall(handler, arguments + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}

/* Run a coroutine until it ends or first waits.  Return 1 where it has ended, 0 where it waits, for `*awaited`, and -1
 * where it raised. */
static inline int fastws_step(PyObject *coroutine, PyObject **awaited)
{
    switch (PyIter_Send(coroutine, Py_None, awaited)) {
    case PYGEN_RETURN:
        Py_CLEAR(*awaited);
        return 1;
    case PYGEN_NEXT:
        return 0;
    default:
        return -1;
    }
}

#endif
