// What a flight of a join whose result changes (updating-join.ts) changes of it: entry by entry, in their order.
//
//   pairs          come and go; a row of an outer side is without a match before its first and after its last, and the change
//                  from one to the other is an update
//   semi, anti     left rows come and go with their first and last match
//   mark           left rows are there in any case, and change with their first and last match
//
// ROW_MATCHES of a row in a flight is how many matches it has; of the row that a step takes out it stays what it was.
import { JOIN_ANTI, JOIN_COUNT, JOIN_INNER, JOIN_KIND, JOIN_SEMI, SIDE_IS_OUTER } from './layout-join';
import { sideAt } from './join-state';
import {
  STEP_ARRIVAL,
  STEP_BYTES,
  STEP_KIND,
  STEP_MADE,
  STEP_OLD,
  UPDATING_ANY_ROW,
  UPDATING_FLIGHT_LEFTS,
  UPDATING_FLIGHT_RIGHTS,
  UPDATING_IS_COUNTED,
  UPDATING_OUT_ARRIVALS,
  UPDATING_OUT_CHANGES,
  UPDATING_OUT_LEFTS,
  UPDATING_OUT_RIGHTS,
  UPDATING_STEPS,
} from './layout-updating';
import {
  ROW_MATCHES,
  STEP_ADD,
  STEP_END,
  STEP_IS_ALONE,
  STEP_KINDS,
  STEP_SWAP,
  STEP_TAKE,
  UPDATING_CAUSE,
  UPDATING_OUT_COUNT,
  UPDATING_OUT_WRITTEN,
  UPDATING_SIDE,
} from './updating-state';

/** `passing`: `count` numbers of the entries that fulfil the condition, ascending; 0 without a condition: all do. */
export function updatingSettle(state: usize, passing: usize, count: u32): void {
  store<u32>(state, 0, UPDATING_OUT_COUNT);
  store<u32>(state, 0, UPDATING_OUT_WRITTEN);
  const number = load<u32>(state, UPDATING_SIDE);
  const entries = load<u32>(state, JOIN_COUNT);
  const own = <usize>load<u32>(state + (number ? UPDATING_FLIGHT_RIGHTS : UPDATING_FLIGHT_LEFTS));
  const others = <usize>load<u32>(state + (number ? UPDATING_FLIGHT_LEFTS : UPDATING_FLIGHT_RIGHTS));
  let step = <usize>load<u32>(state, UPDATING_STEPS);
  let next: u32 = 0;
  for (let i: usize = 0; i < entries; i++, step += STEP_BYTES) {
    store<i64>(state, load<i64>(step, STEP_ARRIVAL), UPDATING_CAUSE);
    const written = load<u32>(step, STEP_KIND);
    const kind = written & STEP_KINDS;
    const passes = !passing || (next < count && load<u32>(passing + ((<usize>next) << 2)) == <u32>i);
    if (passes) next++;
    const row = <usize>load<u32>(own + (i << 2));
    const other = <usize>load<u32>(others + (i << 2));
    const isAlone = (written & STEP_IS_ALONE) != 0;
    if (kind == STEP_END) end(state, number, load<u32>(step, STEP_OLD), load<u32>(step, STEP_MADE));
    else if (kind == STEP_TAKE) {
      if (passes) take(state, number, row, other, isAlone);
    } else if (kind == STEP_ADD) {
      if (passes) add(state, number, row, other, isAlone, load<u32>(step, STEP_OLD));
    } else {
      i++;
      step += STEP_BYTES;
      const passesNow = !passing || (next < count && load<u32>(passing + ((<usize>next) << 2)) == <u32>i);
      if (passesNow) next++;
      const made = <usize>load<u32>(own + (i << 2));
      if (kind == STEP_SWAP) {
        if (passes && passesNow) swap(state, number, row, made, other);
        else if (passes) take(state, number, row, other, false);
      } else if (passesNow && !passes) add(state, number, made, other, false, row);
    }
  }
}

@inline
function isOuter(state: usize, number: u32): bool {
  return load<u32>(sideAt(state, number), SIDE_IS_OUTER) != 0;
}

@inline
function matchesOf(row: usize): u32 {
  return load<u32>(row, ROW_MATCHES);
}

/** A pair comes. `isAlone`: the other row has no other match, where rows do not count theirs. */
function add(state: usize, number: u32, row: usize, other: usize, isAlone: bool, old: usize): void {
  const kind = load<u32>(state, JOIN_KIND);
  if (load<u32>(state, UPDATING_IS_COUNTED)) {
    isAlone = matchesOf(other) == 0;
    store<u32>(other, matchesOf(other) + 1, ROW_MATCHES);
    store<u32>(row, matchesOf(row) + 1, ROW_MATCHES);
  }
  if (kind != JOIN_INNER) {
    if (number != 0 && isAlone) turn(state, kind, other, true);
    return;
  }
  const hasOther = isAlone && isOuter(state, 1 - number);
  // The row before had no match, and this is the first of the one in its place.
  const hasOld = old != 0 && isOuter(state, number) && matchesOf(old) == 0;
  if (hasOld) store<u32>(old, 1, ROW_MATCHES);
  if (hasOther) {
    if (hasOld) write(state, number, old, 0, -1);
    update(state, number, 0, other, row, other);
  } else if (hasOld) update(state, number, old, 0, row, other);
  else write(state, number, row, other, 1);
}

/** A pair goes. */
function take(state: usize, number: u32, row: usize, other: usize, isAlone: bool): void {
  const kind = load<u32>(state, JOIN_KIND);
  if (load<u32>(state, UPDATING_IS_COUNTED)) {
    isAlone = matchesOf(other) == 1;
    store<u32>(other, matchesOf(other) - 1, ROW_MATCHES);
  }
  if (kind != JOIN_INNER) {
    if (number != 0 && isAlone) turn(state, kind, other, false);
    return;
  }
  if (isAlone && isOuter(state, 1 - number)) update(state, number, row, other, 0, other);
  else write(state, number, row, other, -1);
}

/** A row takes the place of another in a pair. */
function swap(state: usize, number: u32, old: usize, made: usize, other: usize): void {
  if (load<u32>(state, UPDATING_IS_COUNTED)) store<u32>(made, matchesOf(made) + 1, ROW_MATCHES);
  if (load<u32>(state, JOIN_KIND) == JOIN_INNER) update(state, number, old, other, made, other);
}

/** A left row has its first match, or has none any more. */
function turn(state: usize, kind: u32, left: usize, isMatched: bool): void {
  const isMark = kind == JOIN_SEMI && isOuter(state, 0);
  const any = <usize>load<u32>(state, UPDATING_ANY_ROW);
  if (isMark) update(state, 0, left, isMatched ? 0 : any, left, isMatched ? any : 0);
  else write(state, 0, left, 0, (kind == JOIN_SEMI) == isMatched ? 1 : -1);
}

/** All pairs of a step have been: what is left is whether the rows of its own side are there by themselves. */
function end(state: usize, number: u32, old: usize, made: usize): void {
  const kind = load<u32>(state, JOIN_KIND);
  if (kind != JOIN_INNER && number != 0) return;
  const isMark = kind == JOIN_SEMI && isOuter(state, 0);
  if (kind == JOIN_INNER && !isOuter(state, number)) return;
  const wasThere = old != 0 && (isMark || (matchesOf(old) == 0) == (kind != JOIN_SEMI));
  const isThere = made != 0 && (isMark || (matchesOf(made) == 0) == (kind != JOIN_SEMI));
  const any = isMark ? <usize>load<u32>(state, UPDATING_ANY_ROW) : 0;
  const oldOther = wasThere && matchesOf(old) != 0 ? any : 0;
  const madeOther = isThere && matchesOf(made) != 0 ? any : 0;
  if (wasThere && isThere) update(state, number, old, oldOther, made, madeOther);
  else if (wasThere) write(state, number, old, oldOther, -1);
  else if (isThere) write(state, number, made, madeOther, 1);
}

// --- what comes out ---

@inline
function update(state: usize, number: u32, oldRow: usize, oldOther: usize, row: usize, other: usize): void {
  // Different for all updates of a flight; 1 is an insertion.
  const pair = <i32>load<u32>(state, UPDATING_OUT_COUNT) + 2;
  write(state, number, oldRow, oldOther, -pair);
  write(state, number, row, other, pair);
}

@inline
function write(state: usize, number: u32, row: usize, other: usize, change: i32): void {
  const count = <usize>load<u32>(state, UPDATING_OUT_COUNT);
  store<u32>(<usize>load<u32>(state, UPDATING_OUT_LEFTS) + (count << 2), <u32>(number ? other : row));
  store<u32>(<usize>load<u32>(state, UPDATING_OUT_RIGHTS) + (count << 2), <u32>(number ? row : other));
  store<i32>(<usize>load<u32>(state, UPDATING_OUT_CHANGES) + (count << 2), change);
  const arrivals = <usize>load<u32>(state, UPDATING_OUT_ARRIVALS);
  if (arrivals) store<i64>(arrivals + (count << 3), load<i64>(state, UPDATING_CAUSE));
  store<u32>(state, <u32>count + 1, UPDATING_OUT_COUNT);
}
