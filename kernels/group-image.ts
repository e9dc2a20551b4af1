// What an entry of a group table refers to, for its image (image.ts): long strings of its key, and what the states of
// its aggregates keep outside of it.
import { argValueOffset } from './aggregate-arg';
import { textsVisit } from './aggregate-texts';
import { imageBytes, imageReference } from './image';
import {
  AGGREGATE_ARG_MAX,
  AGGREGATE_ARG_MIN,
  AGGREGATE_CALL_COUNT,
  AGGREGATE_CALLS,
  AGGREGATE_CHANGES,
  AGGREGATE_COMOMENTS,
  AGGREGATE_DISTINCT_SKETCH,
  AGGREGATE_FIRST,
  AGGREGATE_KEY_COUNT,
  AGGREGATE_KEYS,
  AGGREGATE_LAST,
  AGGREGATE_MAX,
  AGGREGATE_MIN,
  AGGREGATE_QUANTILE_SKETCH,
  AGGREGATE_TALLY,
  AGGREGATE_TEXTS,
  AGGREGATE_VALUES,
  CALL_BY_PHYSICAL,
  CALL_BYTES,
  CALL_FUNCTION,
  CALL_OFFSET,
  CALL_PHYSICAL,
  CALL_RETRACTION,
  CALL_SET_OFFSET,
  KEY_ADDRESS_OFFSET,
  KEY_BYTES,
  KEY_INLINE_BYTES,
  KEY_OFFSET,
  KEY_PHYSICAL,
} from './layout-aggregate';
import { PHYSICAL_REF } from './layout';
import { RETRACTION_DISTINCT } from './layout-retract';
import { recordsVisit } from './record-image';
import { sketchVisit } from './sketch-distinct';
import { SKETCH_TALLY } from './sketch-quantile';
import { countsVisit } from './value-counts';
import { setVisit } from './value-set';
import { tallyVisit } from './value-tally';

/** Visits the long strings of an entry's key. */
export function keyVisit(state: usize, entry: usize): void {
  const keyCount = load<u32>(state, AGGREGATE_KEY_COUNT);
  for (let k: u32 = 0; k < keyCount; k++) {
    const key = <usize>load<u32>(state, AGGREGATE_KEYS) + k * KEY_BYTES;
    if (load<u32>(key, KEY_PHYSICAL) != PHYSICAL_REF) continue;
    const bytes = load<u32>(entry + load<u32>(key, KEY_OFFSET));
    if (bytes > <u32>KEY_INLINE_BYTES) imageBytes(entry + load<u32>(key, KEY_ADDRESS_OFFSET), bytes, bytes);
  }
}

/** Visits what an entry refers to behind its key: what was written of it, and what its states keep. */
export function statesVisit(state: usize, entry: usize): void {
  if (load<u32>(state, AGGREGATE_CHANGES)) recordsVisit(state, entry);
  const callCount = load<u32>(state, AGGREGATE_CALL_COUNT);
  for (let index: u32 = 0; index < callCount; index++) {
    const call = <usize>load<u32>(state, AGGREGATE_CALLS) + index * CALL_BYTES;
    if (load<u32>(call, CALL_RETRACTION) == RETRACTION_DISTINCT) {
      countsVisit(entry + <usize>load<u32>(call, CALL_OFFSET));
      continue;
    }
    stateVisit(call, entry + load<u32>(call, CALL_OFFSET));
    const set = load<i32>(call, CALL_SET_OFFSET);
    if (set >= 0) setVisit(entry + set, isTextSet(call));
  }
}

/** Whether entries refer to nothing behind their key: their bytes are all there is. */
export function statesAreFlat(state: usize): bool {
  if (load<u32>(state, AGGREGATE_CHANGES)) return false;
  const callCount = load<u32>(state, AGGREGATE_CALL_COUNT);
  for (let index: u32 = 0; index < callCount; index++) {
    const call = <usize>load<u32>(state, AGGREGATE_CALLS) + index * CALL_BYTES;
    if (load<i32>(call, CALL_SET_OFFSET) >= 0 || load<u32>(call, CALL_PHYSICAL) == PHYSICAL_REF) return false;
    switch (load<u32>(call, CALL_FUNCTION)) {
      case AGGREGATE_ARG_MIN:
      case AGGREGATE_ARG_MAX:
      case AGGREGATE_VALUES:
      case AGGREGATE_TALLY:
      case AGGREGATE_DISTINCT_SKETCH:
      case AGGREGATE_QUANTILE_SKETCH:
      case AGGREGATE_TEXTS:
        return false;
    }
  }
  return true;
}

/** Whether values in its set are texts: as pairs of numbers are. */
@inline
function isTextSet(call: usize): bool {
  if (load<u32>(call, CALL_FUNCTION) == AGGREGATE_COMOMENTS) return true;
  return load<u32>(call, CALL_PHYSICAL) == PHYSICAL_REF;
}

function stateVisit(call: usize, at: usize): void {
  const isText = load<u32>(call, CALL_PHYSICAL) == PHYSICAL_REF;
  switch (load<u32>(call, CALL_FUNCTION)) {
    case AGGREGATE_MIN:
    case AGGREGATE_MAX:
      if (isText) textVisit(at);
      break;
    case AGGREGATE_FIRST:
    case AGGREGATE_LAST:
      if (isText) textVisit(at + 8);
      break;
    case AGGREGATE_ARG_MIN:
    case AGGREGATE_ARG_MAX:
      if (load<u32>(call, CALL_BY_PHYSICAL) == PHYSICAL_REF) textVisit(at);
      if (isText) textVisit(at + argValueOffset(call));
      break;
    case AGGREGATE_VALUES:
      valuesVisit(at, isText);
      break;
    case AGGREGATE_TALLY:
      tallyVisit(at, isText);
      break;
    case AGGREGATE_DISTINCT_SKETCH:
      sketchVisit(at);
      break;
    case AGGREGATE_QUANTILE_SKETCH:
      tallyVisit(at + SKETCH_TALLY, false);
      break;
    case AGGREGATE_TEXTS:
      textsVisit(call, at);
      break;
  }
}

/** A kept text: u32 address │ u32 length │ u32 capacity. */
@inline
function textVisit(kept: usize): void {
  imageBytes(kept, load<u32>(kept, 4), load<u32>(kept, 8));
}

/** A list of values: u32 address │ u32 count │ u32 capacity; of texts references. */
function valuesVisit(list: usize, hasTexts: bool): void {
  const count = load<u32>(list, 4);
  imageBytes(list, count << 3, load<u32>(list, 8) << 3);
  if (!hasTexts) return;
  const items = <usize>load<u32>(list);
  for (let i: usize = 0; i < count; i++) imageReference(items + (i << 3));
}
