/* Windows by their start. */
#ifndef CHATFLOW_WINDOW_LIST_H
#define CHATFLOW_WINDOW_LIST_H

#include "windows.h"

/* The window that starts there, begun if need be. */
window *list_window(window_list *in, int64_t start);

/* Moves the windows that start at or before `newest` to another list, oldest first. */
int64_t list_move(window_list *from, window_list *to, int64_t newest);

void list_free(window_list *found);

#endif
