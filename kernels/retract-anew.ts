// The states of a group (retract-update.ts) made anew from its rows, when those have become other ones or the group has moved.
import { AGGREGATE_CALL_COUNT, AGGREGATE_CALLS, AGGREGATE_RETRACT, CALL_BYTES } from './layout-aggregate';
import { RETRACT_BATCH, RETRACT_ROWS, RETRACTION_VALUES } from './layout-retract';
import { ROW_YOUNGER } from './layout-rows';
import { DIRTY_ANEW, GROUP_DIRTY, GROUP_FIRST } from './retract-state';
import {
  retractGroup,
  retractionOf,
  retractIsValue,
  retractReleaseOwn,
  retractReleaseStates,
  retractReset,
  retractSubtract,
  retractSubtracts,
} from './retract-update';
import { rowsWrite } from './row-store';

const oneRow: usize = memory.data(4, 16);

/** Makes all states of a group anew from its rows, which have become other ones. */
export function retractMakeAnew(state: usize, entry: usize): void {
  const retract = <usize>load<u32>(state, AGGREGATE_RETRACT);
  const batch = <usize>load<u32>(retract, RETRACT_BATCH);
  const group = retractGroup(state, entry);
  const callCount = load<u32>(state, AGGREGATE_CALL_COUNT);
  retractReleaseStates(state, entry);
  for (let index: u32 = 0; index < callCount; index++) {
    retractReset(state, entry, index);
    store<u8>(group + GROUP_DIRTY + index, retractSubtracts(retractionOf(state, index)) ? 0 : DIRTY_ANEW);
  }
  for (let row = <usize>load<u32>(group, GROUP_FIRST); row; row = load<u32>(row, ROW_YOUNGER)) {
    store<u32>(oneRow, <u32>row);
    rowsWrite(load<u32>(retract, RETRACT_ROWS), oneRow, 1, batch, 0);
    for (let index: u32 = 0; index < callCount; index++) {
      const call = <usize>load<u32>(state, AGGREGATE_CALLS) + index * CALL_BYTES;
      const isMeant = retractSubtracts(retractionOf(state, index)) && retractIsValue(batch, 0, call);
      if (isMeant) retractSubtract(state, batch, 0, index, entry, 1);
    }
  }
}

/** A group has moved: states that hold on to memory of where it was are made anew when they are needed. */
export function retractMoved(state: usize, entry: usize): void {
  const group = retractGroup(state, entry);
  retractReleaseOwn(group);
  const callCount = load<u32>(state, AGGREGATE_CALL_COUNT);
  for (let index: u32 = 0; index < callCount; index++) {
    if (retractionOf(state, index) != RETRACTION_VALUES) continue;
    retractReset(state, entry, index);
    store<u8>(group + GROUP_DIRTY + index, DIRTY_ANEW);
  }
}
