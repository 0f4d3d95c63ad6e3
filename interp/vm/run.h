/*
 * run.h -- the functions behind INTRINSIC.
 */
#ifndef RUN_H
#define RUN_H

#include "compile/opcodes.h"
#include "native.h"

/* Filled by the rooms that own them: intrinsic.c and the scheduler. */
extern NativeFunction run_intrinsics[INTRINSIC_COUNT];

/* Fills in those of the machine itself (intrinsic.c). */
void intrinsics_register(void);

#endif
