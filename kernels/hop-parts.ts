// Panes of rows that came when some of the windows over them had closed: a chain by start, then by the window from which
// on they count. They are merged into each window they count in (hop.ts).
import { STATE_HOP } from './aggregate-state';
import { HOP_PARTS } from './hop';
import { paneDestroy, paneFrom, paneNext, paneNextPlace, paneSetNext, paneStart } from './pane';

/** Adds a pane to the chain of parts at `chain`, or to another such. */
export function hopAddPart(chain: usize, pane: usize): void {
  let place = chain;
  while (load<u32>(place)) {
    const other = <usize>load<u32>(place);
    const isBefore = paneStart(other) < paneStart(pane);
    if (!isBefore && (paneStart(other) > paneStart(pane) || paneFrom(other) > paneFrom(pane))) break;
    place = paneNextPlace(other);
  }
  paneSetNext(pane, load<u32>(place));
  store<u32>(place, <u32>pane);
}

/** The pane of the chain of parts that begins at `start` and counts from `from` on, 0 when there is none. */
export function hopFindPart(state: usize, start: i64, from: i64): usize {
  let part = <usize>load<u32>(load<u32>(state, STATE_HOP), HOP_PARTS);
  while (part != 0 && (paneStart(part) != start || paneFrom(part) != from)) part = paneNext(part);
  return part;
}

/** Gives back the parts of a chain that begin before `start`. */
export function hopDropParts(chain: usize, start: i64): void {
  let part = <usize>load<u32>(chain);
  while (part != 0 && paneStart(part) < start) {
    const next = paneNext(part);
    paneDestroy(part);
    part = next;
  }
  store<u32>(chain, <u32>part);
}
