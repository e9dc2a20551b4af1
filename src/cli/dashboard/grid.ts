// Tables of the dashboard: a name, then columns of fixed width, so that nothing moves when numbers change.
//
//   SOURCES               rows/s     bytes       lag     bad  state
// ▸ trades                 4.1 M  402.1 MB    1.2 s       0  ACTIVE
//
// Tables one above the other have names of the same width, so that their columns meet. Where the terminal is too narrow,
// columns go, the least important first.

import { cellsOf, cutMiddle, type Line, pad, type Span, span, type Tone } from './text.ts';

export interface Column<T> {
  /** What sorting by it is called; its title if that never changes. */
  key?: string;
  title: string;
  /** Cells, without the gap before it. */
  width: number;
  align?: 'left';
  /** The greatest go first when there is no room; 0 stays. */
  rank: number;
  /** What a row shows. */
  cell(row: T): string | Span;
  /** What rows are sorted by, greatest first; without it the column sorts nothing. */
  order?(row: T): number;
}

export interface GridRow<T> {
  value: T;
  name: string;
  isSelected: boolean;
}

export interface Grid<T> {
  title: string;
  columns: readonly Column<T>[];
  rows: readonly GridRow<T>[];
  /** The column that orders the rows; null: as in the plan. */
  sortedBy: string | null;
  hasFocus: boolean;
}

const GAP = '  ';
const NAME_MIN = 20;
const NAME_MAX = 44;
/** Columns of this rank and above are worth less than whole names. */
const NAME_RANK = 5;
/** Cells before the name, where the selected row has its mark. */
const MARK = 2;

/** What a table says about the width of names, before all of them agree on one. */
export interface NameRoom {
  /** What its longest name takes. */
  wanted: number;
  /** What there is, if names want so much. */
  room(wanted: number): number;
}

export function nameRoom<T>(columns: readonly Column<T>[], names: readonly string[], cells: number): NameRoom {
  return {
    wanted: Math.min(Math.max(...names.map(cellsOf), NAME_MIN), NAME_MAX),
    room: (wanted) => Math.max(cells - MARK - widthOf(fitColumns(columns, cells, wanted)), 1),
  };
}

/** The width that suits the names of all tables. */
export function agreeOnNames(rooms: readonly NameRoom[]): number {
  const wanted = Math.max(...rooms.map((one) => one.wanted));
  return Math.min(wanted, ...rooms.map((one) => one.room(wanted)));
}

/** The title line, then a line a row. */
export function renderGrid<T>(grid: Grid<T>, cells: number, nameCells: number): Line[] {
  const columns = fitColumns(grid.columns, cells, nameCells);
  return [titleLine(grid, columns, nameCells), ...grid.rows.map((row) => rowLine(row, columns, nameCells))];
}

function titleLine<T>(grid: Grid<T>, columns: readonly Column<T>[], nameCells: number): Line {
  const tone: Tone = grid.hasFocus ? 'accent' : 'dim';
  const titles = columns.map((column) => {
    const { title, width, align } = column;
    const mark = grid.sortedBy === keyOf(column) ? '▾' : '';
    return span(GAP + pad(mark + title, width, align ?? 'right'), mark === '' ? 'dim' : 'accent');
  });
  return trim([span(pad(grid.title, nameCells + MARK), tone), ...titles]);
}

function rowLine<T>(row: GridRow<T>, columns: readonly Column<T>[], nameCells: number): Line {
  const mark = span(row.isSelected ? '▸ ' : '  ', 'accent');
  const name = span(pad(cutMiddle(row.name, nameCells), nameCells), row.isSelected ? 'strong' : 'plain');
  const cells = columns.map(({ cell, width, align }) => {
    const content = cell(row.value);
    const { text, tone } = typeof content === 'string' ? span(content) : content;
    return span(GAP + pad(text, width, align ?? 'right'), tone);
  });
  return trim([mark, name, ...cells]);
}

export function keyOf<T>({ key, title }: Column<T>): string {
  return key ?? title;
}

/** The columns there is room for, in their order. */
function fitColumns<T>(columns: readonly Column<T>[], cells: number, nameCells: number): readonly Column<T>[] {
  let kept = columns;
  for (;;) {
    const least = Math.max(...kept.map(({ rank }) => rank), 0);
    const names = least >= NAME_RANK ? nameCells : Math.min(nameCells, NAME_MIN);
    if (least === 0 || MARK + names + widthOf(kept) <= cells) return kept;
    kept = kept.filter(({ rank }) => rank !== least);
  }
}

function widthOf<T>(columns: readonly Column<T>[]): number {
  return columns.reduce((sum, { width }) => sum + width + GAP.length, 0);
}

/** Without blanks at the end. */
function trim(line: Line): Line {
  const last = line.at(-1);
  if (last === undefined) return line;
  const text = last.text.trimEnd();
  if (cellsOf(text) === cellsOf(last.text)) return line;
  return text === '' ? trim(line.slice(0, -1)) : [...line.slice(0, -1), { ...last, text }];
}
