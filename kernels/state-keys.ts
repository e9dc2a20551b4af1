// How much an operator keeps, for the counters: groups of open windows, partitions, rows that wait to be sorted.
import { STATE_HEAP, STATE_HOP, STATE_ONLY_PANE, STATE_OPEN_COUNT, STATE_SESSIONS } from './aggregate-state';
import { tableCount } from './group-table';
import { hopGroups } from './hop';
import { STATE_PARTITIONS } from './over-state';
import { SESSIONS_OPEN } from './session';
import { SORTER_STATE_LIST_COUNT, sorterIsTimed } from './sorter-state';

/** Groups of an aggregate: of all panes that are open, and sessions. */
export function aggregateKeyCount(state: usize): f64 {
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  if (sessions) return <f64>load<u32>(sessions, SESSIONS_OPEN);
  const only = <usize>load<u32>(state, STATE_ONLY_PANE);
  let groups: f64 = only ? <f64>tableCount(only) : 0;
  const heap = <usize>load<u32>(state, STATE_HEAP);
  const open = load<u32>(state, STATE_OPEN_COUNT);
  for (let n: usize = 0; n < open; n++) groups += <f64>tableCount(load<u32>(heap + (n << 2)));
  return load<u32>(state, STATE_HOP) ? groups + hopGroups(state) : groups;
}

/** Rows that are sorted at the end of the input; 0 for a sorter by event time. */
export function sorterKeyCount(state: usize): f64 {
  return sorterIsTimed(state) ? 0 : <f64>load<u32>(state, SORTER_STATE_LIST_COUNT);
}

/** Partitions of an OVER operator, and rows that have not come to theirs before the end of the input. */
export function overKeyCount(state: usize): f64 {
  return sorterKeyCount(state) + <f64>load<u32>(state, STATE_PARTITIONS);
}
