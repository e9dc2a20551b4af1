// Progress on a terminal while a run lasts: one line on stderr, redrawn in place.
//
//   all inputs of known size   [████████░░░░░░░░░░░░] 41 %  2,050,000 rows  8.1 M rows/s  0.4 s left
//   otherwise                  12.0 s  2,050,000 rows (170.8 k rows/s) → 1,204 rows; 3 bad, 0 late
//
// The first line is drawn at once. The line is taken away before anything else is printed and at the end.

import type { RunHandle, RunProgress } from '../runtime/run.ts';
import { formatMillis, formatRate, formatRows } from './quantities.ts';
import { renderLosses, totalsOf } from './summary.ts';

const BAR_MILLIS = 100;
/** A status line is redrawn once in so many bars: each second. */
const LINE_TICKS = 10;
const BAR_CELLS = 20;
/** Back to the first column, and erase to the end of the line. */
export const ERASE_LINE = '\r\u001B[K';

export interface ProgressOptions {
  write(text: string): void;
  /** Width of the terminal in cells. */
  columns: number;
}

/** Draws until the returned function is called, which erases the line. */
export function showProgress(handle: RunHandle, options: ProgressOptions): () => void {
  let tick = 0;
  const draw = () => {
    const progress = handle.progress();
    // Sizes are known once the core has opened its inputs: a line may turn into a bar.
    if (tick++ % LINE_TICKS > 0 && !isBounded(progress)) return;
    options.write(ERASE_LINE + renderProgress(progress).slice(0, options.columns - 1));
  };
  draw();
  const timer = setInterval(draw, BAR_MILLIS);
  return () => {
    clearInterval(timer);
    options.write(ERASE_LINE);
  };
}

/** The line for the counters as they are. */
export function renderProgress(progress: RunProgress): string {
  const totals = totalsOf(progress);
  const rows = formatRows(totals.rowsIn);
  const rate = `${formatRate(totals.rowsIn, progress.elapsedMillis)} rows/s`;
  if (!isBounded(progress)) {
    const out = `${formatRows(totals.rowsOut)}; ${renderLosses(totals)}`;
    return `${formatMillis(progress.elapsedMillis)}  ${rows} (${rate}) → ${out}`;
  }
  const share = shareDone(progress);
  const filled = Math.round(share * BAR_CELLS);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
  const left = share > 0.02 ? `  ${formatMillis((progress.elapsedMillis * (1 - share)) / share)} left` : '';
  return `[${bar}] ${Math.floor(share * 100)} %  ${rows}  ${rate}${left}`;
}

function isBounded(progress: RunProgress): boolean {
  return progress.sources.length > 0 && progress.sources.every((source) => source.sizeBytes !== null);
}

function shareDone(progress: RunProgress): number {
  let bytes = 0;
  let sizeBytes = 0;
  for (const source of progress.sources) {
    bytes += source.bytes;
    sizeBytes += source.sizeBytes ?? 0;
  }
  return sizeBytes === 0 ? 1 : Math.min(1, bytes / sizeBytes);
}
