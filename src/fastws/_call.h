/* What calling a handler takes in C itself: calls without their ceremony, each once or more for every message. */

#ifndef FASTWS_CALL_H
#define FASTWS_CALL_H

#include <Python.h>

/* Call `handler(websocket, message)`. */
static inline PyObject *fastws_call(PyObject *handler, PyObject *websocket, PyObject *message)
{
    PyObject *arguments[3] = {NULL, websocket, message};
    return PyObject_Vectorcall(handler, arguments + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}

/* Call a function with arguments of which all behind the first so many go by name; there is room for one before them.
 * They are held meanwhile: what the function does may take them out of where they were found. */
static inline PyObject *fastws_call_placed(PyObject *function, PyObject **arguments, Py_ssize_t positional, PyObject *names)
{
    PyObject *keywords = PyTuple_GET_SIZE(names) ? names : NULL;
    Py_ssize_t count = positional + PyTuple_GET_SIZE(names);
    for (Py_ssize_t i = 0; i < count; i++)
        Py_INCREF(arguments[i]);
    PyObject *result = PyObject_Vectorcall(function, arguments, positional | PY_VECTORCALL_ARGUMENTS_OFFSET, keywords);
    for (Py_ssize_t i = 0; i < count; i++)
        Py_DECREF(arguments[i]);
    return result;
}

/* Run a coroutine until it ends or first waits.  Return 1 where it has ended, with `*result`, 0 where it waits, for
 * `*result`, and -1 where it raised. */
static inline int fastws_step(PyObject *coroutine, PyObject **result)
{
    switch (PyIter_Send(coroutine, Py_None, result)) {
    case PYGEN_RETURN:
        return 1;
    case PYGEN_NEXT:
        return 0;
    default:
        return -1;
    }
}

/* Call `function(value, **dict(zip(names, values)))`, without making that dictionary; at most 7 of them. */
static inline PyObject *fastws_call_with(PyObject *function, PyObject *value, PyObject *names, PyObject *values)
{
    PyObject *arguments[9] = {NULL, value};
    Py_ssize_t count = PyTuple_GET_SIZE(values);
    for (Py_ssize_t i = 0; i < count && i < 7; i++)
        arguments[i + 2] = PyTuple_GET_ITEM(values, i);
    return PyObject_Vectorcall(function, arguments + 1, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, count ? names : NULL);
}

#endif
