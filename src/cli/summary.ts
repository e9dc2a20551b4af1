// What a run did, when it has ended: one line, a table with -v, or one JSON object.
//
//   5,000,000 rows (463.5 MB) in 0.6 s (8.3 M rows/s) → 246,364 rows (19.1 MB); 3 bad, 0 late

import { formatBytes } from '../base/bytes.ts';
import { type HeapReport, WINDOW_TURNS } from '../runtime/heap-guard.ts';
import type { RunProgress, RunSummary } from '../runtime/run.ts';
import { formatCount, formatMillis, formatRate, formatRows } from './quantities.ts';

/** Totals over all sources, operators and sinks. */
export interface Totals {
  rowsIn: number;
  bytesIn: number;
  rowsOut: number;
  bytesOut: number;
  rejected: number;
  nulled: number;
  future: number;
  late: number;
  /** Left out by an alignment group. */
  dropped: number;
}

export function totalsOf(progress: RunProgress): Totals {
  const totals: Totals = {
    rowsIn: 0,
    bytesIn: 0,
    rowsOut: 0,
    bytesOut: 0,
    rejected: 0,
    nulled: 0,
    future: 0,
    late: 0,
    dropped: 0,
  };
  for (const source of progress.sources) {
    totals.rowsIn += source.rows;
    totals.bytesIn += source.bytes;
    totals.rejected += source.rejected;
    totals.nulled += source.nulled;
    totals.future += source.future;
    totals.dropped += source.dropped;
  }
  for (const operator of progress.operators) totals.late += operator.late;
  for (const sink of progress.sinks) {
    totals.rowsOut += sink.rows;
    totals.bytesOut += sink.bytes;
  }
  return totals;
}

/** What was left out or changed on the way, as `3 bad, 0 late`. */
export function renderLosses(totals: Totals): string {
  const parts = [`${formatCount(totals.rejected)} bad`, `${formatCount(totals.late)} late`];
  if (totals.nulled > 0) parts.push(`${formatCount(totals.nulled)} fields set to NULL`);
  if (totals.dropped > 0) parts.push(`${formatCount(totals.dropped)} dropped, too far ahead`);
  if (totals.future > 0) parts.push(`${formatCount(totals.future)} too far in the future`);
  return parts.join(', ');
}

const ENDINGS: Record<RunSummary['reason'], string> = {
  end: '',
  limit: ' (limit reached)',
  stopped: ' (stopped)',
  closed: ' (output closed)',
};

/** The one-line summary. */
export function renderSummary(summary: RunSummary): string {
  const totals = totalsOf(summary);
  const rate = formatRate(totals.rowsIn, summary.elapsedMillis);
  const rowsIn = `${formatRows(totals.rowsIn)} (${formatBytes(totals.bytesIn)})`;
  const rowsOut = `${formatRows(totals.rowsOut)} (${formatBytes(totals.bytesOut)})`;
  const time = `${formatMillis(summary.elapsedMillis)} (${rate} rows/s)`;
  return `${rowsIn} in ${time} → ${rowsOut}; ${renderLosses(totals)}${renderKept(summary)}${ENDINGS[summary.reason]}`;
}

/** The last checkpoint of a run that keeps its state. */
function renderKept({ checkpoints }: RunSummary): string {
  if (checkpoints === null || checkpoints.count === 0) return '';
  const { epoch, bytes, bytesWritten } = checkpoints;
  return `; checkpoint ${epoch}: ${formatBytes(bytes)}, ${formatBytes(bytesWritten)} written`;
}

/** What --verify found on one core. */
export function renderHeap({ core, windows, clean }: HeapReport): string {
  const spoiled = windows === clean ? '' : `; ${windows - clean} more spoiled by a collection or by compiling`;
  const counted = `${formatCount(clean)} windows of ${WINDOW_TURNS} turns`;
  return `verified: core ${core} left nothing on the JavaScript heap in ${counted}${spoiled}`;
}

/** The summary for programs: one line of `run --json` on stderr. */
export function describeSummary(summary: RunSummary): object {
  const { reason, elapsedMillis, checkpoints, sources, operators, sinks, cores, heaps } = summary;
  return {
    event: 'summary',
    reason,
    elapsedMillis: Math.round(elapsedMillis),
    ...totalsOf(summary),
    ...(checkpoints === null ? {} : { checkpoints }),
    sources,
    operators,
    sinks,
    cores,
    heaps,
  };
}
