/* What the core does in C itself: two searches that are worth vector instructions, and a call without its ceremony. */

#ifndef FASTWS_CORE_H
#define FASTWS_CORE_H

#include <Python.h>

/* Sixteen bytes at a time: `EQUALS` and `EITHER` give a block of all-ones and all-zero bytes, `MARKS` a number that is
 * not zero where one of them is set, in `BITS` bits a byte, and `FIRST` the place of the first. */
#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
typedef __m128i fastws_block;
#define FASTWS_LOAD(at) _mm_loadu_si128((const __m128i *)(at))
#define FASTWS_EQUALS(block, byte) _mm_cmpeq_epi8(block, _mm_set1_epi8(byte))
#define FASTWS_EITHER(one, other) _mm_or_si128(one, other)
#define FASTWS_FOLD(block) _mm_or_si128(block, _mm_set1_epi8(0x20))
typedef unsigned int fastws_marks;
#define FASTWS_MARKS(block) ((fastws_marks)_mm_movemask_epi8(block))
#define FASTWS_BITS 1
#if defined(_MSC_VER)
#include <intrin.h>
static inline unsigned long fastws_first(unsigned int marks)
{
    unsigned long first;
    _BitScanForward(&first, marks);
    return first;
}
#define FASTWS_FIRST(marks) fastws_first(marks)
#else
#define FASTWS_FIRST(marks) __builtin_ctz(marks)
#endif
#elif defined(__ARM_NEON) && !defined(_MSC_VER)
#include <arm_neon.h>
typedef uint8x16_t fastws_block;
#define FASTWS_LOAD(at) vld1q_u8((const uint8_t *)(at))
#define FASTWS_EQUALS(block, byte) vceqq_u8(block, vdupq_n_u8(byte))
#define FASTWS_EITHER(one, other) vorrq_u8(one, other)
#define FASTWS_FOLD(block) vorrq_u8(block, vdupq_n_u8(0x20))
/* Four bits for each byte: what NEON has in the place of a move mask. */
typedef uint64_t fastws_marks;
#define FASTWS_BITS 4
#define FASTWS_MARKS(block) vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(block), 4)), 0)
#define FASTWS_FIRST(marks) (__builtin_ctzll(marks) >> 2)
#endif

#if defined(FASTWS_LOAD)
static inline fastws_block fastws_quotes(const char *at)
{
    const fastws_block block = FASTWS_LOAD(at);
    return FASTWS_EITHER(FASTWS_EQUALS(block, '"'), FASTWS_EQUALS(block, '\\'));
}

static inline fastws_block fastws_brackets(const char *at)
{
    const fastws_block block = FASTWS_LOAD(at);
    /* Folded, '[' and ']' are '{' and '}', and nothing else is. */
    const fastws_block folded = FASTWS_FOLD(block);
    const fastws_block brackets = FASTWS_EITHER(FASTWS_EQUALS(folded, '{'), FASTWS_EQUALS(folded, '}'));
    return FASTWS_EITHER(FASTWS_EQUALS(block, '"'), brackets);
}

/* Where fewer than sixteen bytes are left, the block that ends with them, less what lies before them. */
#define FASTWS_SEARCH_TAIL(find)                                                              \
    if (end - start >= 16) {                                                                  \
        if (at < end) {                                                                       \
            const fastws_marks marks = FASTWS_MARKS(find(end - 16)) >> (FASTWS_BITS * (16 - (end - at))); \
            return marks ? at + FASTWS_FIRST(marks) : end;                                    \
        }                                                                                     \
        return end;                                                                           \
    }
#endif

/* Return the next quote or backslash from `at` on, `end` when there is none; reads nothing but `start` to `end`. */
static inline const char *fastws_next_quote(const char *start, const char *at, const char *end)
{
#if defined(FASTWS_LOAD)
    fastws_marks marks;
    if (end - at >= 16) {
        if ((marks = FASTWS_MARKS(fastws_quotes(at)))) {
            return at + FASTWS_FIRST(marks);
        }
        at += 16;
        /* A long string, then: four blocks a step, until one has it. */
        while (end - at >= 64
               && !FASTWS_MARKS(FASTWS_EITHER(FASTWS_EITHER(fastws_quotes(at), fastws_quotes(at + 16)),
                                              FASTWS_EITHER(fastws_quotes(at + 32), fastws_quotes(at + 48))))) {
            at += 64;
        }
        for (; end - at >= 16; at += 16) {
            if ((marks = FASTWS_MARKS(fastws_quotes(at)))) {
                return at + FASTWS_FIRST(marks);
            }
        }
    }
    FASTWS_SEARCH_TAIL(fastws_quotes)
#else
    (void)start;
#endif
    while (at < end && *at != '"' && *at != '\\') {
        at++;
    }
    return at;
}

/* Return the next quote or bracket from `at` on, `end` when there is none; reads nothing but `start` to `end`. */
static inline const char *fastws_next_bracket(const char *start, const char *at, const char *end)
{
#if defined(FASTWS_LOAD)
    for (; end - at >= 16; at += 16) {
        const fastws_marks marks = FASTWS_MARKS(fastws_brackets(at));
        if (marks) {
            return at + FASTWS_FIRST(marks);
        }
    }
    FASTWS_SEARCH_TAIL(fastws_brackets)
#else
    (void)start;
#endif
    while (at < end && *at != '"' && (*at | 0x20) != '{' && (*at | 0x20) != '}') {
        at++;
    }
    return at;
}

/* Call `function(argument)`; return `failed` for any Exception, NULL for what is none (an interrupt, say).
 *
 * A try block would save and restore the state of the interpreter around every message, also around those that pass. */
static inline PyObject *fastws_attempt(PyObject *function, PyObject *argument, PyObject *failed)
{
    PyObject *arguments[2] = {NULL, argument};
    PyObject *result = PyObject_Vectorcall(function, arguments + 1, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    if (result == NULL && PyErr_ExceptionMatches(PyExc_Exception)) {
        PyErr_Clear();
        Py_INCREF(failed);
        return failed;
    }
    return result;
}

#endif
