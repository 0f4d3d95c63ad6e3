/*
 * question.h -- questions to the user: input() waits for the answer, and the rest goes on. One at a time is open.
 */
#ifndef QUESTION_H
#define QUESTION_H

#include <stdatomic.h>

#include "session.h"
#include "vm/native.h"

struct VintQuestion {
    VintQuestion *next, *previous;
    VintSession *session;
    Task *task;   /* NULL: cancelled */
    char *prompt;
    bool password, asked;
    atomic_bool answered; /* the answer is on its way */
};

/* Parks the running task until the host answers (vint_answer()); or raises, when the cell cannot ask. */
NativeStatus question_ask(Vm *vm, const String *prompt, bool password, Value *result);

/* [task] waits no more; an answer that is under way is thrown away. */
void question_cancel(VintSession *session, Task *task);

/* At the end of the session. */
void question_free(VintSession *session);

#endif
