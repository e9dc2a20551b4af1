// What a core takes of states that were saved of shares of an operator's keys. TypeScript writes the first three words.

export const SHARE_CORE = 0; // u32
export const SHARE_CORES = 4; // u32
/** 1: what belongs to no key, and can be added up, is taken of this share. */
export const SHARE_COUNTS = 8; // u32
/** 1: another share has been taken before. */
export const SHARE_IS_NEXT = 12; // u32
/** Of a saved queue of panes: how many of them are its front, which one is being taken, from 1 on. */
export const SHARE_FRONT = 16; // u32
export const SHARE_PANE = 20; // u32
/** Where it begins, and the one before it. */
export const SHARE_START = 24; // i64
export const SHARE_BEFORE = 32; // i64
// Of rows, what tells whose they are: the state of an aggregate that knows how to hash their keys, 0 where all are this
// core's; a batch of one row that looks at a key; FIELD_* of the keys, and how many; room for a reference to each.
export const SHARE_HASHING = 40; // u32
export const SHARE_BATCH = 44; // u32
export const SHARE_KEY_COUNT = 48; // u32
export const SHARE_KEYS = 52; // u32
export const SHARE_REFERENCES = 56; // u32
export const SHARE_BYTES = 64;
