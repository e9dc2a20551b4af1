// All there is to know of the selected row, a line each.
//
//   laminar top  bars.lsql · pid 4711 · up 3m 12s · 2 cores
//
//   OPERATOR bars.aggregate
//
//   kind          aggregate
//   reads         bars.input
//   rows in       4.1 M/s · 1,234,567 in all

import { formatBytes } from '../../base/bytes.ts';
import { formatCount, formatMetric, formatMicros, formatNanos, formatSpan } from '../quantities.ts';
import { bar } from './bars.ts';
import { formatTime, percentText, stateCell } from './cells.ts';
import type { CacheLine, CoreLine, Frame, Meter, OperatorLine, SinkLine, SourceLine } from './frame.ts';
import { type Size, titleLine } from './overview.ts';
import { type Section, sectionsOf } from './sections.ts';
import { cutLine, fillScreen, type Line, pad, printable, type Span, span } from './text.ts';
import { selectionOf, type View } from './view.ts';

type Fact = readonly [string, Span | string];

const NAME_CELLS = 14;

export function renderDetail(frame: Frame, view: View, { columns, rows }: Size): Line[] {
  const section = sectionsOf(frame, view).find(({ name }) => name === view.section);
  const id = section === undefined ? undefined : selectionOf(view, section);
  const [title, facts] = id === undefined ? ['nothing selected', []] : describe(frame, section as Section, id);
  const lines: Line[] = [titleLine(frame, view, columns), [], [span(printable(title), 'strong')], []];
  for (const [name, value] of facts) {
    const { text, tone } = typeof value === 'string' ? span(value) : value;
    lines.push(cutLine([span(pad(name, NAME_CELLS), 'dim'), span(printable(text), tone)], columns));
  }
  return fillScreen(lines, rows, [span('esc'), span(' back  ', 'dim'), span('q'), span(' quit', 'dim')]);
}

function describe(frame: Frame, { name }: Section, id: string): [string, Fact[]] {
  const has = (line: { id: string }) => line.id === id;
  const source = name === 'sources' ? frame.sources.find(has) : undefined;
  if (source !== undefined) return [`SOURCE ${source.source}`, sourceFacts(source)];
  const operator = name === 'operators' ? frame.operators.find(has) : undefined;
  if (operator !== undefined) return [`OPERATOR ${operator.name}`, operatorFacts(operator)];
  const sink = name === 'sinks' ? frame.sinks.find(has) : undefined;
  if (sink !== undefined) return [`SINK ${sink.name}`, sinkFacts(sink)];
  const core = name === 'cores' ? frame.cores.find((line) => String(line.core) === id) : undefined;
  if (core !== undefined) return [`CORE ${core.core}`, coreFacts(core)];
  return ['it is not there any more', []];
}

function sourceFacts(source: SourceLine): Fact[] {
  const { split, state, rows, bytes, sizeBytes, lagMillis, watermark, late, bad } = source;
  return [
    ...(split === null ? [] : [['split', split] as const]),
    ['state', stateCell(state)],
    ['rows', meterText(rows, formatMetric, formatCount)],
    ['bytes', meterText(bytes, formatBytes, formatBytes)],
    ...(sizeBytes === null ? [] : [['read', shareText(bytes.total, sizeBytes)] as const]),
    ['watermark', watermark === null ? span('none yet', 'dim') : `${formatTime(watermark)} UTC`],
    ['lag', lagMillis === null ? span('none', 'dim') : `${formatSpan(lagMillis)} behind the clock`],
    ...(late === null ? [] : [['late', countSpan(late, 'warning')] as const]),
    ...(bad === null ? [] : [['bad', countSpan(bad, 'bad')] as const]),
  ];
}

function operatorFacts(operator: OperatorLine): Fact[] {
  const { kind, inputs, readers, rowsIn, rowsOut, nanosPerRow, nanosBudget, overruns, busy } = operator;
  const { stateBytes, keys, late, watermark, openWindow, cache } = operator;
  const limit = nanosBudget === null ? '' : `, of ${formatNanos(nanosBudget)} that it may take`;
  return [
    ['kind', kind],
    ...(inputs.length === 0 ? [] : [['reads', inputs.join(', ')] as const]),
    ...(readers.length === 0 ? [] : [['read by', readers.join(', ')] as const]),
    ['rows in', meterText(rowsIn, formatMetric, formatCount)],
    ['rows out', meterText(rowsOut, formatMetric, formatCount)],
    ['time a row', nanosPerRow === null ? span('no rows yet', 'dim') : `${formatNanos(nanosPerRow)}${limit}`],
    ...(nanosBudget === null ? [] : [['over budget', countSpan(overruns, 'warning')] as const]),
    ['busy', busy === null ? '-' : `${bar(busy, 20)} ${percentText(busy)} of a core`],
    ...(stateBytes === 0 ? [] : [['state', formatBytes(stateBytes)] as const]),
    ...(keys === null ? [] : [[cache === null ? 'keys' : 'rows kept', formatCount(keys)] as const]),
    ...(watermark === null ? [] : [['watermark', `${formatTime(watermark)} UTC`] as const]),
    ...(openWindow === null
      ? []
      : [['closes next', `window from ${formatTime(openWindow.start)} to ${formatTime(openWindow.end)} UTC`] as const]),
    ...(late === null ? [] : [['late', countSpan(late, 'warning')] as const]),
    ...(cache === null ? [] : cacheFacts(cache)),
  ];
}

function cacheFacts({ hitShare, hitShareOfAll, waiting, asked, questions, asking, answerMillis }: CacheLine): Fact[] {
  const share = (of: number | null) => (of === null ? '-' : `${(of * 100).toFixed(1)} %`);
  const inAll = `${formatCount(questions.total)} questions in all, ${formatCount(asking)} without an answer`;
  return [
    [
      'cache',
      hitShare === null ? span('no rows yet', 'dim') : `${share(hitShare)} of rows · ${share(hitShareOfAll)} in all`,
    ],
    ['waiting', `${formatCount(waiting)} rows`],
    ['asked keys', meterText(asked, formatMetric, formatCount)],
    ['questions', `${formatMetric(questions.perSecond)}/s · ${inAll}`],
    ['an answer', answerMillis === null ? span('none yet', 'dim') : `takes ${formatMicros(answerMillis * 1000)}`],
  ];
}

function sinkFacts({ rows, bytes, latency }: SinkLine): Fact[] {
  const micros = (count: number) => formatNanos(count * 1000);
  return [
    ['rows', meterText(rows, formatMetric, formatCount)],
    ['bytes', meterText(bytes, formatBytes, formatBytes)],
    [
      'latency',
      latency === null
        ? span('nothing written yet', 'dim')
        : `p50 ${micros(latency.p50Micros)}, p99 ${micros(latency.p99Micros)}, max ${micros(latency.maxMicros)}`,
    ],
  ];
}

function coreFacts({ rows, busy, ringFill, stalls, memoryBytes, pauseMillis }: CoreLine): Fact[] {
  return [
    ['rows', meterText(rows, formatMetric, formatCount)],
    ['busy', busy === null ? '-' : `${bar(busy, 20)} ${percentText(busy)}`],
    ...(ringFill === null ? [] : [['ring fill', `${bar(ringFill, 20)} ${percentText(ringFill)}`] as const]),
    ...(stalls === null ? [] : [['stalls', formatCount(stalls)] as const]),
    ['memory', formatBytes(memoryBytes)],
    ...(pauseMillis === null ? [] : [['checkpoint pause', formatMicros(pauseMillis * 1000)] as const]),
  ];
}

function meterText(
  { total, perSecond }: Meter,
  rate: (count: number) => string,
  all: (count: number) => string,
): string {
  return `${rate(perSecond)}/s · ${all(total)} in all`;
}

function shareText(done: number, all: number): string {
  const share = all === 0 ? 1 : done / all;
  return `${bar(share, 20)} ${percentText(share)} of ${formatBytes(all)}`;
}

function countSpan(count: number, tone: Span['tone']): Span {
  return span(formatCount(count), count === 0 ? 'plain' : tone);
}
