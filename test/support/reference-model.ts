// Windows, lateness and every EMIT form the slow way: one row at a time, every result computed from the rows of its
// group again. What the engine writes, the order included, must equal what this writes, however the input is cut.
//
//   for each row r, with the watermark w that the rows before it produced:
//     what w asks for comes out, windows in order of (end, start), groups by key
//     r is late if w has reached the close (end + lateness) of every window it belongs to; it counts in the others
//     if the form says so, what changed comes out
//   then what the last watermark asks for, and what is open
//
// Times are ms. Keys and values are those of `ModelRow`; the results are those of `MODEL_RESULTS`.

export interface ModelRow {
  k: string | null;
  s: string | null;
  v: number | null;
  ts: number;
}

/** `slide`: from one window to the next, TUMBLE's size. Of a session `size` is the gap. */
export interface ModelWindow {
  kind: 'tumble' | 'hop' | 'cumulate' | 'session';
  size: number;
  slide: number;
  offset: number;
}

export interface ModelQuery {
  keys: readonly ('k' | 's')[];
  window: ModelWindow | null;
  emit: 'close' | 'watermark' | 'update' | 'tick';
  lateness: number;
  /** Of the watermark behind the greatest time. */
  delay: number;
  /** Least COUNT(*) of a row that is written. */
  having: number;
}

/** The results of every group, as SQL, by the name of their column. */
export const MODEL_RESULTS = {
  n: 'COUNT(*)',
  total: 'SUM(v)',
  least: 'MIN(v)',
  most: 'MAX(s)',
  last: 'LAST_VALUE(s)',
  kinds: 'COUNT(DISTINCT s)',
  middle: 'MEDIAN(v)',
  all: "STRING_AGG(s, '|')",
} as const;

type Value = string | number | null;
/** A row of the output. */
export type ModelOutput = Record<string, Value>;

export interface ModelLate {
  row: ModelRow;
  watermark: number;
  /** The last window that the row missed. */
  start: number;
  end: number;
}

export interface ModelResult {
  rows: ModelOutput[];
  late: ModelLate[];
}

interface Group {
  key: Value[];
  rows: ModelRow[];
  /** As it was written last. Of a session that others have become part of: and as those were, by time. */
  written: ModelOutput[];
}

interface OpenWindow {
  start: number;
  end: number;
  groups: Map<string, Group>;
  /** The watermark has reached its end. */
  isFired: boolean;
}

export function runModel(query: ModelQuery, rows: readonly ModelRow[]): ModelResult {
  return new Model(query).run(rows);
}

/** Whether what a form writes are changes. */
export function givesChanges({ emit, window, lateness }: ModelQuery): boolean {
  return emit === 'update' || emit === 'tick' || (emit === 'watermark' && window !== null && lateness > 0);
}

class Model {
  readonly #query: ModelQuery;
  readonly #result: ModelResult = { rows: [], late: [] };
  #open: OpenWindow[] = [];
  #watermark = Number.NEGATIVE_INFINITY;

  constructor(query: ModelQuery) {
    this.#query = query;
    if (query.window === null) this.#openWindow(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  }

  run(rows: readonly ModelRow[]): ModelResult {
    for (const [index, row] of rows.entries()) {
      arrivals.set(row, index);
      this.#follow();
      this.#add(row);
      this.#watermark = Math.max(this.#watermark, row.ts - this.#query.delay);
    }
    this.#follow();
    const [first] = this.#open;
    if (this.#query.window === null && this.#query.keys.length === 0 && first?.groups.size === 0) {
      first.groups.set('', { key: [], rows: [], written: [] });
    }
    for (const window of this.#inOrder()) this.#write(window);
    return this.#result;
  }

  /** What the watermark asks for comes out. */
  #follow(): void {
    const { emit, lateness } = this.#query;
    for (const window of this.#inOrder()) {
      const isDue = this.#isComplete(window) && !window.isFired;
      if (isDue && emit === 'watermark') this.#write(window);
      if (isDue) window.isFired = true;
    }
    for (const window of this.#inOrder()) {
      if (!this.#isComplete({ ...window, end: window.end + lateness })) continue;
      this.#write(window);
      this.#open = this.#open.filter((other) => other !== window);
    }
  }

  /** A session ends a gap after its last row, and a row that is exactly there belongs to it: not at its end, but after. */
  #isComplete({ end }: { end: number }): boolean {
    return this.#query.window?.kind === 'session' ? end < this.#watermark : end <= this.#watermark;
  }

  #add(row: ModelRow): void {
    const { emit, lateness, window } = this.#query;
    if (window?.kind === 'session') {
      this.#addToSession(row, window.size);
      return;
    }
    const windows = window === null ? this.#open : windowsOf(window, row.ts);
    const live = windows.filter(({ end }) => end + lateness > this.#watermark);
    const missed = windows.at(-1);
    if (live.length === 0 && missed !== undefined) {
      this.#result.late.push({ row, watermark: this.#watermark, start: missed.start, end: missed.end });
    }
    for (const { start, end } of live) {
      const open = this.#openWindow(start, end);
      const group = this.#groupOf(open, row);
      group.rows.push(row);
      if (emit === 'update' || (emit === 'watermark' && open.isFired)) this.#change(open, group);
    }
  }

  /** All open sessions of its key that the row touches become one; without any it begins one, if that is not closed. */
  #addToSession(row: ModelRow, gap: number): void {
    const { emit, lateness, keys } = this.#query;
    const own = { start: row.ts, end: row.ts + gap };
    const text = JSON.stringify(keys.map((name) => row[name]));
    const touched = this.#open.filter(
      ({ start, end, groups }) =>
        groups.has(text) && start <= own.end && end >= row.ts && end + lateness >= this.#watermark,
    );
    if (touched.length === 0 && own.end + lateness < this.#watermark) {
      this.#result.late.push({ row, watermark: this.#watermark, ...own });
      return;
    }
    this.#open = this.#open.filter((window) => !touched.includes(window));
    const all = touched.flatMap(({ groups }) => (groups.get(text) as Group).rows);
    const group: Group = { key: keys.map((name) => row[name]), rows: inArrivalOrder([...all, row]), written: [] };
    const session: OpenWindow = {
      start: Math.min(own.start, ...touched.map(({ start }) => start)),
      end: Math.max(own.end, ...touched.map(({ end }) => end)),
      groups: new Map([[text, group]]),
      isFired: false,
    };
    session.isFired = this.#isComplete(session);
    this.#open.push(session);
    const parts = [...touched].sort((a, b) => a.start - b.start);
    group.written = parts.flatMap(({ groups }) => (groups.get(text) as Group).written);
    // What came out of a session that goes on is no session any more; it comes out when it is complete.
    if (emit === 'watermark' && !session.isFired) for (const part of group.written.splice(0)) this.#emit('-D', part);
    if (emit === 'update' || (emit === 'watermark' && session.isFired)) this.#change(session, group);
  }

  #openWindow(start: number, end: number): OpenWindow {
    const known = this.#open.find((window) => window.start === start && window.end === end);
    if (known !== undefined) return known;
    const window = { start, end, groups: new Map(), isFired: end <= this.#watermark };
    this.#open.push(window);
    return window;
  }

  #groupOf(window: OpenWindow, row: ModelRow): Group {
    const key = this.#query.keys.map((name) => row[name]);
    const text = JSON.stringify(key);
    const group = window.groups.get(text) ?? { key, rows: [], written: [] };
    window.groups.set(text, group);
    return group;
  }

  #inOrder(): OpenWindow[] {
    const keyOf = ({ groups }: OpenWindow) => [...groups.values()][0]?.key ?? [];
    return [...this.#open].sort((a, b) => a.end - b.end || a.start - b.start || compareKeys(keyOf(a), keyOf(b)));
  }

  #write(window: OpenWindow): void {
    const groups = [...window.groups.values()].sort((a, b) => compareKeys(a.key, b.key));
    for (const group of groups) this.#change(window, group);
  }

  /** Writes the difference between a group and what was written of it. */
  #change(window: OpenWindow, group: Group): void {
    for (const part of group.written.splice(1)) this.#emit('-D', part);
    const [written = null] = group.written;
    const now = this.#outputOf(window, group);
    if (JSON.stringify(now) === JSON.stringify(written)) return;
    group.written = [now];
    if (written !== null) this.#emit(this.#passes(now) ? '-U' : '-D', written);
    this.#emit(this.#passes(written) ? '+U' : '+I', now);
  }

  #passes(row: ModelOutput | null): boolean {
    return row !== null && (row['n'] as number) >= this.#query.having;
  }

  #emit(op: string, row: ModelOutput): void {
    if (this.#passes(row)) this.#result.rows.push(givesChanges(this.#query) ? { op, ...row } : row);
  }

  #outputOf(window: OpenWindow, { key, rows }: Group): ModelOutput {
    const values = rows.map(({ v }) => v).filter((v) => v !== null);
    const texts = rows.map(({ s }) => s).filter((s) => s !== null);
    const last = rows.reduce<ModelRow | null>(
      (best, row) => (row.s !== null && (best === null || row.ts >= best.ts) ? row : best),
      null,
    );
    return {
      ...Object.fromEntries(this.#query.keys.map((name, index) => [name, key[index] as Value])),
      ...(this.#query.window === null ? {} : { ws: window.start, we: window.end }),
      n: rows.length,
      total: values.length === 0 ? null : values.reduce((sum, v) => sum + v, 0),
      least: values.length === 0 ? null : Math.min(...values),
      most: texts.reduce<string | null>((most, s) => (most === null || compareText(s, most) > 0 ? s : most), null),
      last: last?.s ?? null,
      kinds: new Set(texts).size,
      middle: median(values),
      all: texts.length === 0 ? null : texts.join('|'),
    };
  }
}

/** Place of each row in its input. */
const arrivals = new WeakMap<ModelRow, number>();

function inArrivalOrder(rows: ModelRow[]): ModelRow[] {
  return rows.sort((a, b) => (arrivals.get(a) as number) - (arrivals.get(b) as number));
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  if (sorted.length === 0) return null;
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
}

/** The windows that a time belongs to, in order of (end, start). */
function windowsOf(window: ModelWindow, ts: number): { start: number; end: number }[] {
  const { kind, size, slide, offset } = window;
  const floor = (period: number) => ts - ((((ts - offset) % period) + period) % period);
  const windows: { start: number; end: number }[] = [];
  if (kind === 'hop') {
    for (let start = floor(slide); start > ts - size; start -= slide) windows.unshift({ start, end: start + size });
  } else {
    const start = floor(size);
    for (let end = start + slide; end <= start + size; end += slide) if (end > ts) windows.push({ start, end });
  }
  return windows;
}

/** NULL last, strings by bytes. */
function compareKeys(a: readonly Value[], b: readonly Value[]): number {
  for (let index = 0; index < a.length; index++) {
    const [left, right] = [a[index] as string | null, b[index] as string | null];
    if (left === right) continue;
    if (left === null) return 1;
    return right === null ? -1 : compareText(left, right);
  }
  return 0;
}

function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
