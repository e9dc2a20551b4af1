// The main screen: who runs, how fast, what it waits for, then the tables in the room that is left.
//
//   laminar top  bars.lsql · pid 4711 · up 3m 12s · 2 cores                    PAUSED
//   4.1 M rows/s  ▁▂▃▅▇█▇▅▅▆▇█▇▅▅▆  402.1 MB/s in · 120 rows/s out · 0 late · 0 bad
//   waits: window [12:00, 12:01) waits for the watermark of source trades at 11:58:40
//
//   SOURCES …
//
//   tab section  ↑↓ row  …

import { formatBytes } from '../../base/bytes.ts';
import { formatMetric, formatSpan } from '../quantities.ts';
import { sparkline } from './bars.ts';
import type { Frame, Meter } from './frame.ts';
import { agreeOnNames } from './grid.ts';
import { type Section, sectionsOf } from './sections.ts';
import { cellsOfLine, fillScreen, type Line, printable, type Span, span, spread, wrap } from './text.ts';
import type { View } from './view.ts';

export interface Size {
  columns: number;
  rows: number;
}

/** A screen in exactly `size.rows` lines. @param history of rows in per second, the newest last. */
export function renderOverview(frame: Frame, view: View, history: readonly number[], size: Size): Line[] {
  const { columns, rows } = size;
  const head = renderHead(frame, view, history, columns);
  const foot = footer(view, columns);
  const body = renderSections(sectionsOf(frame, view), columns, rows - head.length - 1);
  return [...head, ...body, foot];
}

/** The lines above the tables. */
export function renderHead(frame: Frame, view: View, history: readonly number[], columns: number): Line[] {
  const waits = frame.ending === null ? frame.waits : null;
  const lines = waits === null ? [] : wrap(`waits: ${waits}`, columns, 2).map((text) => [span(text, 'warning')]);
  return [titleLine(frame, view, columns), rateLine(frame, view, history, columns), ...lines];
}

export function titleLine(frame: Frame, view: View, columns: number): Line {
  const { pipeline, pid, uptimeMillis, cores, checkpoint } = frame;
  const facts = [
    `pid ${pid}`,
    `up ${formatSpan(uptimeMillis)}`,
    cores.length === 1 ? '1 core' : `${cores.length} cores`,
    ...(checkpoint === null ? [] : [`checkpoint ${checkpoint.epoch} ${formatSpan(checkpoint.ageMillis)} ago`]),
  ];
  const left = [
    span('laminar top', 'accent'),
    span('  '),
    span(printable(pipeline), 'strong'),
    span(` · ${facts.join(' · ')}`),
  ];
  return spread(left, marks(frame, view), columns);
}

function marks(frame: Frame, view: View): Line {
  const shown: Span[] = [];
  // In the end, totals are what one expects.
  if (frame.ending === null && view.isCumulative) shown.push(span('TOTALS', 'accent'));
  if (frame.ending !== null && !view.isCumulative) shown.push(span('AVERAGES', 'accent'));
  if (view.isPaused) shown.push(span('PAUSED', 'warning'));
  if (frame.ending !== null) shown.push(span(`ENDED: ${frame.ending}`, 'strong'));
  return shown.flatMap((mark) => [span(' '), mark]);
}

const SPARK_MIN = 8;
const SPARK_MAX = 60;

function rateLine(frame: Frame, view: View, history: readonly number[], columns: number): Line {
  const { rowsIn, bytesIn, rowsOut, late, bad } = frame;
  const amount = ({ total, perSecond }: Meter, format: (count: number) => string, unit: string) =>
    view.isCumulative ? `${format(total)}${unit}` : `${format(perSecond)}${unit}/s`;
  const start = span(amount(rowsIn, formatMetric, ' rows').padEnd(14), 'strong');
  const facts = [
    span(`${amount(bytesIn, formatBytes, '')} in · ${amount(rowsOut, formatMetric, ' rows')} out · `),
    span(`${formatMetric(late)} late`, late > 0 ? 'warning' : 'plain'),
    span(' · '),
    span(`${formatMetric(bad)} bad`, bad > 0 ? 'bad' : 'plain'),
  ];
  const room = Math.min(columns - cellsOfLine([start, ...facts]) - 4, SPARK_MAX);
  const spark =
    room < SPARK_MIN || history.length === 0
      ? [span('  ')]
      : [span('  '), span(sparkline(history, room), 'accent'), span('  ')];
  return spread([start, ...spark, ...facts], [], columns);
}

/** The tables, each with as many rows as its fair share of the height; blank lines fill what is left. */
function renderSections(sections: readonly Section[], columns: number, rows: number): Line[] {
  const wanted = sections.reduce((sum, { ids }) => sum + ids.length + 1, 0);
  const hasGaps = wanted + sections.length <= rows || rows >= 3 * (sections.length + 1);
  const overhead = sections.length * (hasGaps ? 2 : 1);
  const shares = shareRows(
    sections.map(({ ids }) => ids.length),
    Math.max(rows - overhead, 0),
  );
  if (sections.length === 0) return fillScreen([[], [span('no name contains that', 'dim')]], rows, []);
  const nameCells = agreeOnNames(sections.map((section) => section.names(columns)));
  const lines: Line[] = [];
  sections.forEach((section, n) => {
    if (hasGaps) lines.push([]);
    lines.push(...section.render(columns, nameCells, shares[n] as number));
  });
  while (lines.length < rows) lines.push([]);
  return lines.slice(0, Math.max(rows, 0));
}

/** Max-min fairness: who wants little gets it, who wants more shares what is left. */
export function shareRows(wants: readonly number[], rows: number): number[] {
  const shares = wants.map(() => 0);
  const byWant = wants.map((_, n) => n).sort((a, b) => (wants[a] as number) - (wants[b] as number));
  let left = rows;
  byWant.forEach((n, done) => {
    const fair = Math.floor(left / (wants.length - done));
    shares[n] = Math.min(wants[n] as number, fair);
    left -= shares[n] as number;
  });
  return shares;
}

const HINTS = [
  ['q', 'quit'],
  ['?', 'help'],
  ['↑↓ tab', 'move'],
  ['enter', 'more'],
  ['s', 'sort'],
  ['/', 'filter'],
  ['space', 'pause'],
  ['r', 'totals'],
] as const;

function footer(view: View, columns: number): Line {
  if (view.isTyping)
    return spread(
      [span('filter: ', 'accent'), span(`${view.filter}▏`)],
      [span('enter keep  esc clear', 'dim')],
      columns,
    );
  const state = view.filter === '' ? [] : [span(`filter: ${view.filter}`, 'accent'), span('  esc clears', 'dim')];
  const hints: Span[] = [];
  for (const [key, what] of HINTS) {
    const meaning = key === 'r' && view.isCumulative ? 'rates' : key === 'space' && view.isPaused ? 'go on' : what;
    const hint = [span(hints.length === 0 ? key : `  ${key}`), span(` ${meaning}`, 'dim')];
    if (cellsOfLine([...hints, ...hint, ...state]) > columns - (state.length === 0 ? 0 : 2)) break;
    hints.push(...hint);
  }
  return spread(hints, state, columns);
}
