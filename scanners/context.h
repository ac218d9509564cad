/*
 * context.h - facts that any text gives about a place in it, whatever the file's format: the host
 * and path of the address, the identifier that holds the value, enclosing blocks by indentation
 * or braces, headings and section comments, table cells, introducing lines.
 */
#ifndef PM_CONTEXT_H
#define PM_CONTEXT_H

#include "scanner.h"

/* Add such facts to every hit of the sink. Facts of the same kind that a scanner gave stay. */
void pm_context_add(struct pm_sink *s);

#endif
