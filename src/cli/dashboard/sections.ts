// The tables of the dashboard: which columns they have, which rows pass the filter, in which order.

import { formatBytes } from '../../base/bytes.ts';
import { formatMetric, formatNanos, formatSpan } from '../quantities.ts';
import { bar } from './bars.ts';
import { formatTime, none, percentText, stateCell } from './cells.ts';
import type { CoreLine, Frame, Meter, OperatorLine, SinkLine, SourceLine } from './frame.ts';
import { type Column, type GridRow, keyOf, type NameRoom, nameRoom, renderGrid } from './grid.ts';
import { type Line, printable, type Span, span } from './text.ts';
import { type Listing, type SectionName, selectionOf, type View } from './view.ts';

export interface Section extends Listing {
  /** The width its names want on a screen of `cells`. */
  names(cells: number): NameRoom;
  /** The title line and `count` rows around the selected one. */
  render(cells: number, nameCells: number, count: number): Line[];
}

interface Row<T> {
  id: string;
  name: string;
  value: T;
}

/** The sections in which anything passes the filter, in order. */
export function sectionsOf(frame: Frame, view: View): Section[] {
  const { sources, operators, cores, sinks } = frame;
  const isSorted = view.sortedBy.sources !== undefined;
  return [
    section('sources', sourceColumns(view), sources.map(sourceRow(isSorted)), view),
    section('operators', operatorColumns(view, operators), operators.map(namedRow), view),
    section('cores', coreColumns(view), cores.map(coreRow), view),
    section('sinks', sinkColumns(view), sinks.map(namedRow), view),
  ].filter(({ ids }) => ids.length > 0);
}

function section<T>(name: SectionName, columns: readonly Column<T>[], all: readonly Row<T>[], view: View) {
  const passed = all.filter((row) => passes(row.name, view.filter));
  const sortedBy = view.sortedBy[name] ?? null;
  const order = columns.find((column) => keyOf(column) === sortedBy)?.order;
  const rows = order === undefined ? passed : [...passed].sort((a, b) => order(b.value) - order(a.value));
  const ids = rows.map(({ id }) => id);
  const orders = columns.filter((column) => column.order !== undefined).map(keyOf);
  const names = all.map((row) => row.name);
  const hasFocus = view.section === name;
  const render = (cells: number, nameCells: number, count: number): Line[] => {
    const selected = hasFocus ? selectionOf(view, { name, ids, orders }) : undefined;
    const at = Math.max(ids.indexOf(view.selected[name] ?? ''), 0);
    const first = Math.max(0, Math.min(at - Math.floor(count / 2), rows.length - count));
    const shown = rows.slice(first, first + count);
    const title = titleOf(name, { first, shown: shown.length, passed: rows.length, all: all.length });
    const gridRows: GridRow<T>[] = shown.map((row) => ({
      value: row.value,
      name: row.name,
      isSelected: row.id === selected,
    }));
    return renderGrid({ title, columns, rows: gridRows, sortedBy, hasFocus }, cells, nameCells);
  };
  return {
    name,
    ids,
    orders,
    render,
    names: (cells: number) => nameRoom(columns, names, cells),
  };
}

/** `OPERATORS`, with what is out of sight: `OPERATORS 3–9 of 24`. */
function titleOf(
  name: string,
  { first, shown, passed, all }: Record<'first' | 'shown' | 'passed' | 'all', number>,
): string {
  const title = name.toUpperCase();
  if (shown < passed) return `${title} ${first + 1}–${first + shown} of ${passed}`;
  return passed < all ? `${title} ${passed} of ${all}` : title;
}

function passes(name: string, filter: string): boolean {
  return filter === '' || name.toLowerCase().includes(filter.toLowerCase());
}

function namedRow<T extends { id: string; name: string }>(value: T): Row<T> {
  return { id: value.id, name: printable(value.name), value };
}

/** Splits stand under their source, or name it where they are sorted. */
function sourceRow(isSorted: boolean) {
  return (value: SourceLine): Row<SourceLine> => {
    const { id, source, split } = value;
    const name = split === null ? source : isSorted ? `${source}: ${split}` : `  ${split}`;
    return { id, name: printable(name), value };
  };
}

function coreRow(value: CoreLine): Row<CoreLine> {
  return { id: String(value.core), name: `core ${value.core}`, value };
}

function sourceColumns(view: View): Column<SourceLine>[] {
  return [
    meterColumn(view, 'rows', formatMetric, ({ rows }) => rows),
    meterColumn(view, 'bytes', formatBytes, ({ bytes }) => bytes, 2),
    {
      title: 'lag',
      width: 8,
      rank: 1,
      cell: ({ lagMillis, state }) => (lagMillis === null || state === 'finished' ? none() : formatSpan(lagMillis)),
      order: ({ lagMillis }) => lagMillis ?? Number.NEGATIVE_INFINITY,
    },
    countColumn('late', 'warning', ({ late }) => late),
    countColumn('bad', 'bad', ({ bad }) => bad),
    { title: 'state', width: 8, align: 'left', rank: 0, cell: ({ state }) => stateCell(state) },
    watermarkColumn(4),
  ];
}

function operatorColumns(view: View, operators: readonly OperatorLine[]): Column<OperatorLine>[] {
  const hasCaches = operators.some(({ cache }) => cache !== null);
  const hasBudgets = operators.some(({ nanosBudget }) => nanosBudget !== null);
  return [
    meterColumn(view, 'in', formatMetric, ({ rowsIn }) => rowsIn),
    meterColumn(view, 'out', formatMetric, ({ rowsOut }) => rowsOut),
    {
      title: 'ns/row',
      width: 7,
      rank: 0,
      cell: ({ nanosPerRow, nanosBudget }) => {
        if (nanosPerRow === null) return none();
        const isOver = nanosBudget !== null && nanosPerRow > nanosBudget;
        return span(formatNanos(nanosPerRow), isOver ? 'warning' : 'plain');
      },
      order: ({ nanosPerRow }) => nanosPerRow ?? -1,
    },
    ...(hasBudgets ? [BUDGET] : []),
    { title: 'busy', width: 5, rank: 0, cell: ({ busy }) => percent(busy), order: ({ busy }) => busy ?? -1 },
    {
      title: 'state',
      width: 8,
      rank: 1,
      cell: ({ stateBytes }) => (stateBytes === 0 ? none() : formatBytes(stateBytes)),
      order: ({ stateBytes }) => stateBytes,
    },
    {
      title: 'keys',
      width: 7,
      rank: 2,
      cell: ({ keys }) => (keys === null ? none() : formatMetric(keys)),
      order: ({ keys }) => keys ?? -1,
    },
    ...(hasCaches ? [HITS] : []),
    countColumn('late', 'warning', ({ late }) => late, 3),
    watermarkColumn(4),
    { title: 'kind', width: 9, align: 'left', rank: 5, cell: ({ kind }) => span(kind, 'dim') },
  ];
}

const BUDGET: Column<OperatorLine> = {
  title: 'budget',
  width: 7,
  rank: 4,
  cell: ({ nanosBudget }) => (nanosBudget === null ? none() : formatNanos(nanosBudget)),
};

/** Of lookups: rows whose key was in the cache. */
const HITS: Column<OperatorLine> = {
  title: 'hits',
  width: 5,
  rank: 2,
  cell: ({ cache }) => (cache === null ? none() : percent(cache.hitShare)),
  order: ({ cache }) => cache?.hitShare ?? -1,
};

const BAR_CELLS = 10;

function coreColumns(view: View): Column<CoreLine>[] {
  return [
    meterColumn(view, 'rows', formatMetric, ({ rows }) => rows),
    {
      title: 'busy',
      width: BAR_CELLS + 6,
      rank: 0,
      cell: ({ busy }) => (busy === null ? none() : `${bar(busy, BAR_CELLS)} ${percentText(busy).padStart(5)}`),
      order: ({ busy }) => busy ?? -1,
    },
    {
      title: 'ring fill',
      width: BAR_CELLS + 6,
      rank: 1,
      cell: ({ ringFill }) =>
        ringFill === null ? none() : `${bar(ringFill, BAR_CELLS)} ${percentText(ringFill).padStart(5)}`,
      order: ({ ringFill }) => ringFill ?? -1,
    },
    {
      title: 'stalls',
      width: 7,
      rank: 1,
      cell: ({ stalls }) => (stalls === null ? none() : formatMetric(stalls)),
      order: ({ stalls }) => stalls ?? -1,
    },
    {
      title: 'memory',
      width: 8,
      rank: 2,
      cell: ({ memoryBytes }) => formatBytes(memoryBytes),
      order: ({ memoryBytes }) => memoryBytes,
    },
  ];
}

function sinkColumns(view: View): Column<SinkLine>[] {
  return [
    meterColumn(view, 'rows', formatMetric, ({ rows }) => rows),
    meterColumn(view, 'bytes', formatBytes, ({ bytes }) => bytes),
    latencyColumn('p50', ({ p50Micros }) => p50Micros),
    latencyColumn('p99', ({ p99Micros }) => p99Micros),
    latencyColumn('max', ({ maxMicros }) => maxMicros),
  ];
}

function latencyColumn(title: string, read: (latency: NonNullable<SinkLine['latency']>) => number): Column<SinkLine> {
  return {
    title,
    width: 7,
    rank: 1,
    cell: ({ latency }) => (latency === null ? none() : formatNanos(read(latency) * 1000)),
    order: ({ latency }) => (latency === null ? -1 : read(latency)),
  };
}

/** A column of rates, or of totals: `rows/s` or `rows`. */
function meterColumn<T>(
  view: View,
  what: string,
  format: (count: number) => string,
  read: (row: T) => Meter | null,
  rank = 0,
): Column<T> {
  const count = (row: T) => {
    const meter = read(row);
    if (meter === null) return null;
    return view.isCumulative ? meter.total : meter.perSecond;
  };
  return {
    key: what,
    title: view.isCumulative ? what : `${what}/s`,
    width: 9,
    rank,
    cell: (row) => {
      const value = count(row);
      if (value === null) return none();
      return span(format(value), value === 0 ? 'dim' : 'plain');
    },
    order: (row) => count(row) ?? -1,
  };
}

/** A count that should be zero. */
function countColumn<T>(title: string, tone: Span['tone'], read: (row: T) => number | null, rank = 1): Column<T> {
  return {
    title,
    width: 6,
    rank,
    cell: (row) => {
      const count = read(row);
      if (count === null) return none();
      return span(formatMetric(count), count === 0 ? 'dim' : tone);
    },
    order: (row) => read(row) ?? -1,
  };
}

function watermarkColumn<T extends { watermark: number | null }>(rank: number): Column<T> {
  return {
    title: 'watermark (UTC)',
    width: 19,
    align: 'left',
    rank,
    cell: ({ watermark }) => (watermark === null ? none() : formatTime(watermark)),
    order: ({ watermark }) => watermark ?? Number.NEGATIVE_INFINITY,
  };
}

function percent(share: number | null): Span {
  return share === null ? none() : span(percentText(share), share === 0 ? 'dim' : 'plain');
}
