// The layout of merging what several cores have aggregated (kernels/results-merge.ts): under the rules of layout.ts.

export const RESULTS_INPUT_COUNT = 0; // u32
export const RESULTS_INPUTS = 4; // u32: address of RESULTS_INPUT_BYTES for each
export const RESULTS_KEY_COUNT = 8; // u32
export const RESULTS_KEYS = 12; // u32: address of RESULTS_KEY_BYTES for each, in the order of comparison
export const RESULTS_COLUMNS = 16; // u32: address of { u32 column of the inputs, u32 PHYSICAL_* } for each column
export const RESULTS_COLUMN_COUNT = 20; // u32
export const RESULTS_RUNS = 24; // u32: address of { u32 input, u32 row } for each row of the output batch
// Where inputs have images of states: a group may be in several of them.
export const RESULTS_AGGREGATE = 28; // u32: address of an aggregate's state, which says what the images hold
export const RESULTS_ITEMS = 32; // u32: address of { u64, u32 entry, u32 0 } for each row of the output batch
export const RESULTS_SOURCES = 36; // u32: address of a word for each row of the output batch and each input
export const RESULTS_TARGETS = 40; // u32: the same again
export const RESULTS_FAILED_CALL = 44; // u32 out: 1 + index of the call whose result is out of range, 0: none
export const RESULTS_CHANGES = 48; // u32: 1 + column of the changes, of the inputs and of the output; 0: rows only come
export const RESULTS_BYTES = 52;

export const RESULTS_INPUT_BATCH = 0; // u32: address of its batch
export const RESULTS_INPUT_ROW = 4; // u32: the next row
export const RESULTS_INPUT_ROWS = 8; // u32: rows of the batch
export const RESULTS_INPUT_IS_OPEN = 12; // u32: 1: there may be more behind the batch
export const RESULTS_INPUT_BYTES = 16;

export const RESULTS_KEY_COLUMN = 0; // u32
export const RESULTS_KEY_PHYSICAL = 4; // u32: PHYSICAL_*
export const RESULTS_KEY_FLAGS = 8; // u32: RESULTS_DESCENDING, RESULTS_NULLS_FIRST
export const RESULTS_KEY_BYTES = 12;
export const RESULTS_DESCENDING = 1;
export const RESULTS_NULLS_FIRST = 2;
