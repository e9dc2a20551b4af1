// Where an aggregate is in time, for the counters: what it waits for is told to people who wonder why nothing comes out.
import { STATE_HOP, STATE_WATERMARK } from './aggregate-state';
import { hopOpenEnd } from './hop';
import {
  AGGREGATE_CHANGES,
  AGGREGATE_IS_WINDOWED,
  AGGREGATE_SIZE,
  AGGREGATE_WINDOW_KIND,
  WINDOW_HOP,
} from './layout-aggregate';
import { paneEnd, paneFrom, panePeek, paneStart } from './pane';
import { saturatingSubtract } from './watermark';
import { windowPeriod } from './window';

/**
 * Writes the watermark that came last and the start and end of the window that closes next (three i64 at `cells`).
 * @returns 0 when no window is open, and for sessions, which have no common start.
 */
export function aggregateOpenWindow(state: usize, cells: usize): u32 {
  store<i64>(cells, load<i64>(state, STATE_WATERMARK));
  if (!load<u32>(state, AGGREGATE_IS_WINDOWED)) return 0;
  if (load<u32>(state, STATE_HOP)) return openHop(state, cells);
  const pane = panePeek(state);
  if (!pane) return 0;
  // Windows whose results change are kept under their end (changes-windows.ts).
  store<i64>(cells, load<u32>(state, AGGREGATE_CHANGES) ? paneFrom(pane) : paneStart(pane), 8);
  store<i64>(cells, paneEnd(pane), 16);
  return 1;
}

function openHop(state: usize, cells: usize): u32 {
  const end = hopOpenEnd(state);
  if (end == i64.MIN_VALUE) return 0;
  const isHop = load<u32>(state, AGGREGATE_WINDOW_KIND) == WINDOW_HOP;
  const start = isHop ? saturatingSubtract(end, load<i64>(state, AGGREGATE_SIZE)) : windowPeriod(state, end - 1);
  store<i64>(cells, start, 8);
  store<i64>(cells, end, 16);
  return 1;
}
