// The aggregates beyond counts, sums, extremes and first or last values: adding a block to their groups.
import { STATE_ENTRIES } from './aggregate-state';
import { updateArg } from './aggregate-arg';
import { updateNumbers, updatePairs } from './aggregate-numbers';
import { updateTally } from './aggregate-tally';
import { updateTexts } from './aggregate-texts';
import { updateList } from './aggregate-values';
import { batchData, validityFrom } from './group-key';
import {
  AGGREGATE_ARG_MAX,
  AGGREGATE_ARG_MIN,
  AGGREGATE_COMOMENTS,
  AGGREGATE_COUNT_DISTINCT,
  AGGREGATE_DISTINCT_SKETCH,
  AGGREGATE_QUANTILE_SKETCH,
  AGGREGATE_TALLY,
  AGGREGATE_TEXTS,
  AGGREGATE_VALUES,
  CALL_BY_COLUMN,
  CALL_BY_PHYSICAL,
  CALL_FUNCTION,
} from './layout-aggregate';
import { updateDistinctSketch } from './sketch-distinct';
import { updateQuantileSketch } from './sketch-quantile';
import { bytesOfPhysical } from './value-bits';

/** Adds `rows` values, from row `first` of the batch on, to the groups of a call. `seen`: offset of its seen byte. */
export function updateMore(
  state: usize,
  batch: usize,
  first: u32,
  rows: u32,
  call: usize,
  seen: u32,
  data: usize,
  validity: usize,
): void {
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const fn = load<u32>(call, CALL_FUNCTION);
  switch (fn) {
    case AGGREGATE_COUNT_DISTINCT:
      // The set has it all.
      break;
    case AGGREGATE_ARG_MIN:
    case AGGREGATE_ARG_MAX: {
      const by = load<i32>(call, CALL_BY_COLUMN);
      const byData = batchData(batch, by) + first * bytesOfPhysical(load<u32>(call, CALL_BY_PHYSICAL));
      updateArg(state, rows, call, seen, data, validity, byData, validityFrom(batch, by, first));
      break;
    }
    case AGGREGATE_COMOMENTS: {
      const by = load<i32>(call, CALL_BY_COLUMN);
      const byData = batchData(batch, by) + (first << 3);
      updatePairs(entries, rows, call, data, validity, byData, validityFrom(batch, by, first));
      break;
    }
    case AGGREGATE_VALUES:
      updateList(state, rows, call, data, validity);
      break;
    case AGGREGATE_TALLY:
      updateTally(state, rows, call, data, validity);
      break;
    case AGGREGATE_DISTINCT_SKETCH:
      updateDistinctSketch(state, rows, call, data, validity);
      break;
    case AGGREGATE_QUANTILE_SKETCH:
      updateQuantileSketch(state, rows, call, data, validity);
      break;
    case AGGREGATE_TEXTS:
      updateTexts(state, batch, first, rows, call, data, validity);
      break;
    default:
      updateNumbers(entries, rows, call, seen, data, validity);
  }
}
