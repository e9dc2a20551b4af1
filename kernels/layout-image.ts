// What blocks of an aggregate's image are (aggregate-image.ts).
//
// As layout.ts: nothing but numeric constants.

export const BLOCK_HEAD = 1;
export const BLOCK_PANE = 2;

// What a pane is in its aggregate.
export const ROLE_OPEN = 0;
export const ROLE_ONLY = 1;
/** In the queue of overlapping windows, in its order. */
export const ROLE_QUEUE = 2;
export const ROLE_TOTAL = 3;
export const ROLE_PART = 4;
/** The keys of sessions. */
export const ROLE_KEYS = 5;
/** The front of a queue that was saved elsewhere. */
export const ROLE_FRONT = 6;
