// Every counter of a run as tables: what `-v` prints when it has ended.

import { formatBytes } from '../base/bytes.ts';
import type { NodeWork, RunProgress, SinkCounters } from '../runtime/run.ts';
import { formatCount, formatInstant, formatMicros, formatMillis, formatShare } from './quantities.ts';
import { renderTable } from './table.ts';

/** A line for every source, split, operator, sink and core. */
export function renderDetails(progress: RunProgress): string {
  const tables = [renderSources(progress), renderSplits(progress), renderOperators(progress), renderCaches(progress)];
  return [...tables, renderSinks(progress), renderCores(progress), renderRings(progress), renderCheckpoints(progress)]
    .filter((table) => table !== '')
    .join('\n\n');
}

function renderCheckpoints({ checkpoints }: RunProgress): string {
  if (checkpoints === null) return '';
  const {
    count,
    abandoned,
    epoch,
    bytes,
    bytesWritten,
    durationMillis,
    pauseMillis,
    pauseMillisMax,
    logBytes,
    logMillis,
  } = checkpoints;
  const titles = [
    'taken',
    'abandoned',
    'last',
    'state',
    'written',
    'took',
    'pause',
    'longest pause',
    'in the log',
    'to log',
  ].map(rightAligned);
  const sizes = [String(count), String(abandoned), String(epoch), formatBytes(bytes), formatBytes(bytesWritten)];
  const times = [durationMillis, pauseMillis, pauseMillisMax].map((millis) => formatMicros(millis * 1000));
  const log = [formatBytes(logBytes), formatMicros(logMillis * 1000)];
  return renderTable([{ title: 'checkpoints' }, ...titles], [['', ...sizes, ...times, ...log]]);
}

function renderSources({ sources }: RunProgress): string {
  return renderTable(
    [
      { title: 'source' },
      ...['rows', 'bytes', 'bad', 'set to NULL', 'in the future', 'ns/row', 'busy'].map(rightAligned),
      { title: 'watermark' },
    ],
    sources.map((s) => [
      s.name,
      ...[formatCount(s.rows), formatBytes(s.bytes), formatCount(s.rejected), formatCount(s.nulled)],
      ...[formatCount(s.future), ...workCells(s), s.watermark === null ? '-' : formatInstant(s.watermark)],
    ]),
  );
}

/** Splits listed of one source: a pattern may match thousands of files. */
const SPLITS_LISTED = 20;

/** A table for the files of sources that have several. */
function renderSplits({ sources }: RunProgress): string {
  const rows = sources
    .filter(({ splits }) => splits.length > 1)
    .flatMap(({ name, splits }) => {
      const listed = splits.slice(0, SPLITS_LISTED).map((s) => {
        const watermark = s.watermark === null ? '-' : formatInstant(s.watermark);
        return [`${name}: ${s.name}`, s.state, formatCount(s.rows), formatBytes(s.bytes), watermark];
      });
      const more = splits.length - listed.length;
      return more === 0 ? listed : [...listed, [`${name}: ${formatCount(more)} more`, '', '', '', '']];
    });
  const titles = [{ title: 'split' }, { title: 'now' }, ...['rows', 'bytes'].map(rightAligned), { title: 'watermark' }];
  return rows.length === 0 ? '' : renderTable(titles, rows);
}

function renderOperators({ operators }: RunProgress): string {
  const titles = ['rows in', 'rows out', 'ns/row', 'over', 'busy', 'late', 'state', 'keys'];
  const rows = operators.map((o) => [
    o.id,
    ...[formatCount(o.rowsIn), formatCount(o.rowsOut), ...budgetCells(o), formatCount(o.late)],
    ...[formatBytes(o.stateBytes), o.keys === null ? '-' : formatCount(o.keys)],
  ]);
  return rows.length === 0 ? '' : renderTable([{ title: 'operator' }, ...titles.map(rightAligned)], rows);
}

/** Lookups whose rows are fetched when they are wanted. */
function renderCaches({ operators }: RunProgress): string {
  const titles = ['hits', 'waited', 'waiting', 'kept', 'asked for', 'questions', 'open', 'ms/answer'].map(rightAligned);
  const rows = operators.flatMap(({ id, keys, cache }) => {
    if (cache === null) return [];
    const { hits, waited, waiting, asked, questions, asking, answerMillis } = cache;
    const counts = [hits, waited, waiting, keys ?? 0, asked, questions, asking].map(formatCount);
    return [[id, ...counts, questions === 0 ? '-' : (answerMillis / questions).toFixed(1)]];
  });
  return rows.length === 0 ? '' : renderTable([{ title: 'lookup' }, ...titles], rows);
}

function renderSinks({ sinks }: RunProgress): string {
  return renderTable(
    [
      { title: 'sink' },
      ...['rows', 'bytes', 'ns/row', 'over', 'busy', 'p50', 'p90', 'p99', 'slowest'].map(rightAligned),
    ],
    sinks.map((s) => [s.name, formatCount(s.rows), formatBytes(s.bytes), ...budgetCells(s), ...latencyCells(s)]),
  );
}

function latencyCells({ latency }: SinkCounters): string[] {
  if (latency === null) return ['-', '-', '-', '-'];
  const { p50Micros, p90Micros, p99Micros, maxMicros } = latency;
  return [p50Micros, p90Micros, p99Micros, maxMicros].map(formatMicros);
}

function renderCores({ cores }: RunProgress): string {
  const started = cores.filter(({ state }) => state !== 'absent');
  if (started.length === 0) return '';
  const arePlaced = started.some(({ cpus }) => cpus.length > 0);
  const titles = [{ title: 'core' }, ...['busy', 'spinning', 'asleep', 'turns', 'rows', 'memory'].map(rightAligned)];
  const areKept = started.some(({ pauseMillis }) => pauseMillis !== null);
  if (areKept) titles.push(rightAligned('checkpoint pause'));
  if (arePlaced) titles.push({ title: 'CPUs' }, { title: 'NUMA node' });
  const rows = started.map((c) => [
    String(c.core),
    ...[c.busyMillis, c.spinMillis, c.sleepMillis].map(formatMillis),
    ...[formatCount(c.turns), formatCount(c.rows), formatBytes(c.memoryBytes)],
    ...(areKept ? [c.pauseMillis === null ? '-' : formatMicros(c.pauseMillis * 1000)] : []),
    ...(arePlaced ? [c.cpus.join(','), c.node === null ? '-' : String(c.node)] : []),
  ]);
  return renderTable(titles, rows);
}

function renderRings({ cores }: RunProgress): string {
  const rows = cores
    .filter(({ state }) => state !== 'absent')
    .flatMap(({ core, rings }) =>
      rings.map((r) => [`${r.id}: core ${core} to ${r.to}`, formatBytes(r.capacityBytes), formatCount(r.stalls)]),
    );
  return rows.length === 0 ? '' : renderTable([{ title: 'ring' }, ...['size', 'stalls'].map(rightAligned)], rows);
}

/** Its time per row, and its share of a core's time. */
function workCells({ nanosPerRow, busyShare }: NodeWork): string[] {
  return [nanosPerRow === null ? '-' : formatCount(Math.round(nanosPerRow)), formatShare(busyShare)];
}

/** The same, with how often it took longer than its budget, and how bad that was. */
function budgetCells(work: NodeWork): string[] {
  const [perRow = '', share = ''] = workCells(work);
  const over = work.severity === null ? '-' : `${formatCount(work.overruns)} ${work.severity}`;
  return [perRow, over, share];
}

function rightAligned(title: string) {
  return { title, align: 'right' as const };
}
