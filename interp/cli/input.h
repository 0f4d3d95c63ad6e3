/*
 * input.h -- answers to input() from standard input, line by line.
 */
#ifndef INPUT_H
#define INPUT_H

#include "vint.h"

/* Session's thread: the next line, or the end of input, answers [question]. [hidden]: a password, not to be shown. */
void input_ask(VintQuestion *question, bool hidden);

/* Session's thread: the question is gone; the line that is or was read for it answers the next one. NULL: whichever is
 * open. */
void input_cancel(const VintQuestion *question);

#endif
