// The screens besides the tables: what keys do, and which pipeline to look at.

import { formatMetric, formatSpan } from '../quantities.ts';
import type { Frame } from './frame.ts';
import { agreeOnNames, type Column, nameRoom, renderGrid } from './grid.ts';
import type { Size } from './overview.ts';
import { cutLine, fillScreen, type Line, pad, printable, span } from './text.ts';

const KEYS = [
  ['↑ ↓  j k', 'a row up, a row down; also page up, page down, home and end'],
  ['tab ← →', 'the next table, the one before'],
  ['enter', 'all there is to know of the row'],
  ['s', 'sort the table by its next column; then as in the plan again'],
  ['/', 'show only names that contain what you type; esc shows all again'],
  ['space', 'hold the screen still; the pipeline runs on'],
  ['r', 'totals since the start in place of rates, and back'],
  ['esc', 'back; where several pipelines run, to their list'],
  ['q', 'leave; the pipeline runs on'],
] as const;

const WORDS = [
  ['lag', 'how far the watermark is behind the clock'],
  ['late', 'rows whose window had been closed'],
  ['bad', 'records that could not be read'],
  ['ns/row', 'CPU time of the operator itself for a row that comes in'],
  ['busy', 'share of the time of one core'],
  ['stalls', 'how often a core waited for room in the ring to another'],
  ['p50 p99 max', 'time from reading a row to having written what it caused'],
] as const;

export function renderHelp({ columns, rows }: Size): Line[] {
  const list = (pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([name, meaning]) => cutLine([span(`  ${pad(name, 13)}`, 'accent'), span(meaning)], columns));
  const lines: Line[] = [
    ...[[span('laminar top', 'accent'), span('  keys')], []],
    ...list(KEYS),
    ...[[], [span('words', 'strong')]],
    ...list(WORDS),
  ];
  return fillScreen(lines, rows, [span('esc'), span(' back', 'dim')]);
}

const RUN_COLUMNS: Column<Frame>[] = [
  { title: 'pid', width: 8, rank: 0, cell: ({ pid }) => String(pid) },
  { title: 'up', width: 8, rank: 1, cell: ({ uptimeMillis }) => formatSpan(uptimeMillis) },
  { title: 'rows in/s', width: 9, rank: 0, cell: ({ rowsIn }) => formatMetric(rowsIn.perSecond) },
  { title: 'rows out/s', width: 10, rank: 0, cell: ({ rowsOut }) => formatMetric(rowsOut.perSecond) },
  { title: 'late', width: 7, rank: 2, cell: ({ late }) => formatMetric(late) },
  { title: 'bad', width: 7, rank: 2, cell: ({ bad }) => formatMetric(bad) },
];

/** The list of running pipelines, one of them selected. */
export function renderChoice(frames: readonly Frame[], selected: number, { columns, rows }: Size): Line[] {
  const title: Line = [span('laminar top', 'accent'), span('  which pipeline?')];
  const footer = [
    span('↑↓'),
    span(' row  ', 'dim'),
    span('enter'),
    span(' open  ', 'dim'),
    span('q'),
    span(' quit', 'dim'),
  ];
  if (frames.length === 0) return fillScreen([title, [], [span(NOTHING_RUNS)]], rows, footer);
  const names = frames.map(({ pipeline }) => printable(pipeline));
  const gridRows = frames.map((frame, n) => ({
    value: frame,
    name: names[n] as string,
    isSelected: n === selected,
  }));
  const count = Math.max(rows - 4, 1);
  const first = Math.max(0, Math.min(selected - Math.floor(count / 2), frames.length - count));
  const shown = gridRows.slice(first, first + count);
  const grid = { title: 'PIPELINES', columns: RUN_COLUMNS, rows: shown, sortedBy: null, hasFocus: true };
  return fillScreen(
    [title, [], ...renderGrid(grid, columns, agreeOnNames([nameRoom(RUN_COLUMNS, names, columns)]))],
    rows,
    footer,
  );
}

const NOTHING_RUNS = 'no pipeline is running';

/** Before the first sample. */
export function renderWaiting(pipeline: string, { columns, rows }: Size): Line[] {
  const title = cutLine([span('laminar top', 'accent'), span(`  ${printable(pipeline)}`)], columns);
  return fillScreen([title], rows, [span('q'), span(' quit', 'dim')]);
}
