// A tap as the control socket serves it: GET /tap?view=bars&where=…&limit=…&format=json
//
//   {"view":"bars","columns":["op","symbol",…],"leftOut":[]}      a line: what follows
//   {"rows":12,"bytes":804,"missed":0}                            a line, and so many bytes of rows
//   {"rows":0,"bytes":0,"missed":9000}                            from time to time: rows went by unread
//   {"ending":"end of stream","missed":9000}                      the last line; or {"error":{…}}
//
// Rows are fetched from the run only as fast as they are read: when the reader is slow they are missed where they are
// made, and nothing piles up here.

import type { ServerResponse } from 'node:http';
import { LaminarError, PipelineErrors, type PlainError, toPlain } from '../../base/errors.ts';
import { changeColumnOf } from '../../data/changelog.ts';
import { OP_COLUMN_DEFAULT } from '../../plan/format-specs.ts';
import type { TapPlan } from '../../plan/tap-plan.ts';
import type { RunningTap, TapOptions } from '../../runtime/taps/run-taps.ts';

/** What is asked for. */
export interface TapQuery extends TapOptions {
  view: string;
  where: string | null;
}

/** What comes first. */
export interface TapHead {
  view: string;
  /** Names of the fields. */
  columns: string[];
  /** Columns that the pipeline does not compute. */
  leftOut: string[];
}

/** What follows: rows, how many went by unread, how it ended. */
export type TapFrame =
  | { rows: number; bytes: number; missed: number }
  | { ending: string; missed: number }
  | { error: PlainError };

/** A tap of the run. @throws LaminarError, PipelineErrors: there is none like that. */
export type OpenTap = (query: TapQuery) => Promise<{ plan: TapPlan; tap: RunningTap }>;

/** How often the run is asked for rows, in ms. */
const LOOK_MILLIS = 20;
/** How often a reader is told of rows that went by, in ms. */
const MISSED_MILLIS = 1000;
/** Bytes taken at once. */
const TAKE_BYTES = 1 << 18;

/** Reads the query of a URL. @throws LMN-7016 */
export function tapQueryOf(parameters: URLSearchParams): TapQuery {
  const limit = parameters.get('limit');
  const format = parameters.get('format') ?? 'json';
  if (format !== 'json' && format !== 'csv') throw new LaminarError('LMN-7016', 'format is json or csv');
  if (limit !== null && !/^\d{1,9}$/.test(limit)) throw new LaminarError('LMN-7016', 'limit is a number of rows');
  const rowsMax = limit === null ? null : Number(limit);
  return { view: parameters.get('view') ?? '', where: parameters.get('where'), rowsMax, format };
}

/** Errors as an answer carries them. */
export function plainErrors(error: unknown): PlainError[] {
  return error instanceof PipelineErrors ? error.errors.map(toPlain) : [toPlain(error)];
}

/** A tap that is being read over a connection. */
export class ServedTap {
  readonly #response: ServerResponse;
  readonly #tap: RunningTap;
  readonly #rowsMax: number;
  readonly #timer: NodeJS.Timeout;
  #rows = 0;
  #toldMissed = 0;
  #toldAt = performance.now();
  #isOver = false;

  /** @param onClose told when it is over, for whatever reason. */
  constructor(
    response: ServerResponse,
    { plan, tap, rowsMax }: { plan: TapPlan; tap: RunningTap; rowsMax: number | null },
    onClose: () => void,
  ) {
    this.#response = response;
    this.#tap = tap;
    this.#rowsMax = rowsMax ?? Number.POSITIVE_INFINITY;
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    this.#say(headOf(plan));
    this.#timer = setInterval(() => this.#look(), LOOK_MILLIS);
    response.on('drain', () => this.#look());
    response.once('close', () => {
      this.#stop();
      onClose();
    });
  }

  /** The run has ended: what there is goes out. */
  finish(ending: string): Promise<void> {
    return new Promise((resolve) => {
      this.#response.once('close', resolve);
      while (this.#take());
      this.#end({ ending, missed: this.#tap.missed });
    });
  }

  #look(): void {
    if (this.#isOver) return;
    const { failure } = this.#tap;
    if (failure !== null) {
      this.#end({ error: toPlain(failure) });
      return;
    }
    const hasEnded = this.#tap.hasEnded;
    let hasMore = true;
    while (hasMore && !this.#response.writableNeedDrain) hasMore = this.#take();
    if (this.#rows >= this.#rowsMax) this.#end({ ending: 'limit', missed: this.#tap.missed });
    else if (hasEnded && !hasMore) this.#end({ ending: 'end of stream', missed: this.#tap.missed });
    else this.#tellMissed();
  }

  /** Passes on what has come. @returns whether that was anything. */
  #take(): boolean {
    if (this.#isOver) return false;
    const chunk = this.#tap.read(TAKE_BYTES);
    if (chunk === null) return false;
    this.#rows += chunk.rows;
    this.#toldMissed = this.#tap.missed;
    this.#say({ rows: chunk.rows, bytes: chunk.text.length, missed: this.#toldMissed });
    this.#response.write(chunk.text);
    return true;
  }

  #tellMissed(): void {
    const now = performance.now();
    if (this.#tap.missed === this.#toldMissed || now - this.#toldAt < MISSED_MILLIS) return;
    this.#toldAt = now;
    this.#toldMissed = this.#tap.missed;
    this.#say({ rows: 0, bytes: 0, missed: this.#toldMissed });
  }

  #end(last: TapFrame): void {
    if (this.#isOver) return;
    this.#stop();
    this.#response.end(`${JSON.stringify(last)}\n`);
  }

  #stop(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#tap.close();
  }

  #say(line: TapHead | TapFrame): void {
    this.#response.write(`${JSON.stringify(line)}\n`);
  }
}

function headOf({ view, map, leftOut }: TapPlan): TapHead {
  const columns = map.schema.filter(({ hidden }) => hidden !== true).map(({ name }) => name);
  if (changeColumnOf(map.schema) >= 0) columns.unshift(OP_COLUMN_DEFAULT);
  return { view, columns, leftOut };
}
