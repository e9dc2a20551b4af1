// Event-time progress of several inputs: the splits of a source, the sources of a union, the sides of a join.
//
//   combined = the least watermark of the ACTIVE inputs
//              if none is active, the greatest of the IDLE ones
//              if all are FINISHED, i64's maximum: nothing is waited for any more
//
// An active input without a watermark (i64's minimum) holds the others back; a finished one does not. The combined
// watermark never goes back, so an input that wakes up behind it gives rows that may be late.
import {
  PROGRESS_ACTIVE,
  PROGRESS_COMBINED,
  PROGRESS_COUNT,
  PROGRESS_FINISHED,
  PROGRESS_IDLE,
  PROGRESS_INPUT_BYTES,
  PROGRESS_INPUT_STATE,
  PROGRESS_INPUT_WATERMARK,
  PROGRESS_INPUTS,
  PROGRESS_STATE,
} from './layout-time';

/** Makes `state` that of `count` active inputs without a watermark. */
export function progressInit(state: usize, count: u32): void {
  store<i64>(state, i64.MIN_VALUE, PROGRESS_COMBINED);
  store<u32>(state, count, PROGRESS_COUNT);
  store<u32>(state, PROGRESS_ACTIVE, PROGRESS_STATE);
  for (let input: u32 = 0; input < count; input++) {
    const at = entryOf(state, input);
    store<i64>(at, i64.MIN_VALUE, PROGRESS_INPUT_WATERMARK);
    store<u32>(at, PROGRESS_ACTIVE, PROGRESS_INPUT_STATE);
  }
}

/** Takes the watermark of an input (the address of an i64). @returns 1 if the combined one moved. */
export function progressAdvance(state: usize, input: u32, cell: usize): u32 {
  const at = entryOf(state, input);
  const given = load<i64>(cell);
  if (given > load<i64>(at, PROGRESS_INPUT_WATERMARK)) store<i64>(at, given, PROGRESS_INPUT_WATERMARK);
  return combine(state);
}

/** Sets what an input is (PROGRESS_ACTIVE, …). @returns 1 if the combined watermark moved. */
export function progressSet(state: usize, input: u32, inputState: u32): u32 {
  store<u32>(entryOf(state, input), inputState, PROGRESS_INPUT_STATE);
  return combine(state);
}

@inline
function entryOf(state: usize, input: u32): usize {
  return state + PROGRESS_INPUTS + <usize>input * PROGRESS_INPUT_BYTES;
}

function combine(state: usize): u32 {
  const count = load<u32>(state, PROGRESS_COUNT);
  let least = i64.MAX_VALUE;
  let greatestIdle = i64.MIN_VALUE;
  let whole: u32 = PROGRESS_FINISHED;
  for (let input: u32 = 0; input < count; input++) {
    const at = entryOf(state, input);
    const inputState = load<u32>(at, PROGRESS_INPUT_STATE);
    const watermark = load<i64>(at, PROGRESS_INPUT_WATERMARK);
    whole = min(whole, inputState);
    if (inputState == PROGRESS_ACTIVE) least = min(least, watermark);
    else if (inputState == PROGRESS_IDLE) greatestIdle = max(greatestIdle, watermark);
  }
  store<u32>(state, whole, PROGRESS_STATE);
  const combined = whole == PROGRESS_IDLE ? greatestIdle : least;
  if (combined <= load<i64>(state, PROGRESS_COMBINED)) return 0;
  store<i64>(state, combined, PROGRESS_COMBINED);
  return 1;
}

/**
 * Raises the watermark that rows carry (i64 column) to the one at `cell`: rows of an input that fell behind what was
 * promised are late by the promise.
 */
export function progressRaise(column: usize, rows: u32, cell: usize): void {
  const floor = load<i64>(cell);
  for (let row: u32 = 0; row < rows; row++) {
    const at = column + ((<usize>row) << 3);
    if (load<i64>(at) < floor) store<i64>(at, floor);
  }
}
