// A lookup on one core whose rows are elsewhere (kernels/lookup-cache.ts): rows in, and out with what the table has for
// their key, once that is known.
//
//   process ─► all keys in the cache, nobody waits ─► out at once
//           ─► otherwise the batch is parked at the end of the line, and the keys that nobody has asked for are asked for
//   poll    ─► answers go into the cache ─► the line moves on up to the first batch with an unknown key
//
// Watermarks, idleness and the end stand in the line behind the rows that came before them, so the order of everything is
// that of a table that is there. While few questions are on their way keys are asked for at once; then they gather, and
// the next question has all of them. The core reads on meanwhile, up to a bound (`isFull`).

import * as layout from '../../../kernels/layout-lookup.ts';
import { fromPlain, type LaminarError } from '../../base/errors.ts';
import type { KeyedAnswer, KeyedTable } from '../../connectors/connector.ts';
import { createBatch, rowCountOf } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import type { LookupCache, LookupNode } from '../../plan/lookup-node.ts';
import type { SourceNode } from '../../plan/source-node.ts';
import type { BadRecords } from '../bad-records.ts';
import {
  LOOKUP_ANSWER_MILLIS,
  LOOKUP_ASKED,
  LOOKUP_ASKING,
  LOOKUP_HITS,
  LOOKUP_QUESTIONS,
  LOOKUP_WAITED,
  LOOKUP_WAITING,
  SOURCE_BYTES,
  SOURCE_ROWS,
} from '../counters.ts';
import { type Meter, STAMP_CAUSE } from '../meter.ts';
import { createLookupState } from '../operators/lookup.ts';
import type { Input, Output, SeveralInputs } from '../operators/operator.ts';
import type { Turn } from '../turn.ts';
import type { AnswerReader } from './answer-reader.ts';
import { AskedKeys } from './asked-keys.ts';
import { writeCacheState } from './cache-state.ts';
import { WAITS_BATCH, WAITS_END, WAITS_WATERMARK, WaitingLine } from './waiting-line.ts';

/** Places of the line, and parked batches from which on no more is read. */
const LINE_PLACES = 1024;
const PARKED_MAX = 64;
/** Questions on their way: one that is answered, and one that the server has when it is. */
const QUESTIONS_MAX = 2;
/** Longest sleep of a core that can do nothing else, ms. */
const WAIT_MILLIS = 10;

export interface RemoteLookupParts {
  inputSchemas: readonly [Schema, Schema];
  batchRows: number;
  output: Output;
  /** The lookup table. */
  table: SourceNode;
  cache: LookupCache;
  open: () => KeyedTable;
  answers: AnswerReader;
  badRecords: BadRecords;
  /** Rows must be out before the next batch comes: what reads them compares the two. */
  isBlocking: boolean;
  isStopping: () => boolean;
  notify: (text: string) => void;
  turn: Turn;
  meter: Meter;
  /** Of the lookup's counters, and of its table's. */
  place: number;
  tablePlace: number;
  /** Milliseconds of the wall clock. */
  now: () => number;
}

export class RemoteLookup implements SeveralInputs {
  readonly id: string;
  readonly ports: readonly [Input, Input];
  readonly place: number;
  readonly #memory: LinearMemory;
  readonly #parts: RemoteLookupParts;
  readonly #counters: Float64Array;
  readonly #batch: number;
  readonly #state: number;
  readonly #line: WaitingLine;
  readonly #keys: AskedKeys;
  /** When the questions on their way were asked. */
  readonly #askedAt: number[] = [];
  #table: KeyedTable | null = null;
  #isReady = false;
  #hasHurried = false;
  #isClosed = false;

  constructor(memory: LinearMemory, node: LookupNode, parts: RemoteLookupParts) {
    const { inputSchemas, batchRows, meter, place } = parts;
    this.id = node.id;
    this.place = place;
    this.#memory = memory;
    this.#parts = parts;
    this.#counters = meter.counters;
    this.#batch = createBatch(memory, node.schema, batchRows);
    const shape = { inputSchemas, batchRows, batch: this.#batch };
    const bytes = { stateBytes: layout.LOOKUP_CACHE_STATE_BYTES, rowBytes: layout.LOOKUP_ENTRY_BYTES };
    const { state, fields, end } = createLookupState(memory, node, { ...shape, ...bytes });
    this.#state = state;
    writeCacheState(memory, state, { ...parts, end });
    memory.kernels.lookupInit(state);
    memory.refresh();
    this.#line = new WaitingLine(memory, LINE_PLACES);
    const keyFields = node.keys.map(({ right }) => {
      const { name, type } = inputSchemas[1][right] as Schema[number];
      return { name, type, offset: fields[right]?.offset ?? 0 };
    });
    this.#keys = new AskedKeys(memory, keyFields);
    const rows: Input = {
      process: (batch) => this.#process(batch),
      onWatermark: (cell) => (this.#line.isEmpty ? parts.output.watermark(cell) : this.#line.addWatermark(cell)),
      onIdle: () => (this.#line.isEmpty ? parts.output.idle() : this.#line.addIdle()),
      onEnd: () => (this.#line.isEmpty ? parts.output.end() : this.#line.addEnd()),
    };
    const never: Input = { process: () => {}, onWatermark: () => {}, onIdle: () => {}, onEnd: () => {} };
    this.ports = [rows, never];
  }

  /** Something waits for an answer. */
  get isWaiting(): boolean {
    return !this.#line.isEmpty;
  }

  /** So much waits that nothing more should come. */
  get isFull(): boolean {
    return this.#line.batchCount >= PARKED_MAX;
  }

  /** Connects, and waits until that is done: before the first row. @throws LaminarError */
  open(): void {
    const { open, isStopping } = this.#parts;
    const table = open();
    this.#table = table;
    while (!this.#isReady && !isStopping()) {
      const answer = table.take();
      if (answer === null) table.wait(WAIT_MILLIS);
      else if (answer.kind === 'failed') throw fromPlain(answer.error);
      else this.#isReady = answer.kind === 'ready';
    }
  }

  /** Takes what has come, and lets go on what waited for it. @returns whether anything happened. @throws LaminarError */
  poll(): boolean {
    if (!this.#isReady) return false;
    if (this.#parts.isStopping() && !this.#hasHurried) {
      this.#hasHurried = true;
      this.#table?.hurry();
    }
    let isBusy = false;
    for (let answer = this.#table?.take(); answer; answer = this.#table?.take()) {
      this.#settle(answer);
      isBusy = true;
    }
    if (isBusy) this.#askMore();
    return this.#moveOn() || isBusy;
  }

  /** Sleeps until something may have come. */
  wait(millis: number): void {
    this.#table?.wait(millis);
  }

  /** Rows of the cache. */
  keyCount(): number {
    return this.#memory.load32(this.#state + layout.LOOKUP_ROW_COUNT);
  }

  stateBytes(): number {
    return this.#isClosed ? 0 : this.#memory.load32(this.#state + layout.LOOKUP_USED_BYTES);
  }

  /** Nothing: what waits has gone on before a checkpoint is taken, and a cache is filled again. */
  save(): null {
    return null;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (; !this.#line.isEmpty; this.#line.shift()) {
      if (this.#line.kind === WAITS_BATCH) this.#memory.kernels.lookupParkedDrop(this.#state, this.#line.batch);
    }
    this.#memory.kernels.lookupDestroy(this.#state);
    this.#memory.refresh();
    this.#table?.close();
  }

  #process(batch: number): void {
    const { now, output, meter, isBlocking } = this.#parts;
    const memory = this.#memory;
    const state = this.#state;
    while (!this.#line.hasRoom) this.#waitForAnswer();
    const unknown = memory.kernels.lookupCacheFind(state, batch, now());
    memory.refresh();
    const rows = rowCountOf(memory, batch);
    this.#counters[this.place + LOOKUP_HITS]! += rows - unknown;
    if (unknown === 0 && this.#line.isEmpty) {
      memory.kernels.lookupCacheWrite(state, batch, this.#batch);
      if (rowCountOf(memory, this.#batch) > 0) output.emit(this.#batch);
      return;
    }
    this.#counters[this.place + LOOKUP_WAITED]! += unknown;
    this.#counters[this.place + LOOKUP_WAITING]! += rows;
    const parked = memory.kernels.lookupPark(state, batch) >>> 0;
    memory.refresh();
    this.#line.addBatch(parked, meter.stamps, STAMP_CAUSE);
    const asked = memory.load32(state + layout.LOOKUP_CACHE_ASKED_COUNT);
    if (asked > 0) this.#keys.add(memory.load32(state + layout.LOOKUP_CACHE_ASKED), asked);
    this.#askMore();
    while (isBlocking && !this.#line.isEmpty) this.#waitForAnswer();
  }

  /** Lets the core wait, and handles what came. */
  #waitForAnswer(): void {
    if (!this.poll()) this.wait(WAIT_MILLIS);
  }

  #askMore(): void {
    const { cache, now } = this.#parts;
    const counters = this.#counters;
    while (this.#keys.hasUnasked && this.#keys.questionCount < QUESTIONS_MAX) {
      const keys = this.#keys.ask(cache.batchKeys);
      this.#table?.ask(keys);
      this.#askedAt.push(now());
      counters[this.place + LOOKUP_QUESTIONS]! += 1;
      counters[this.place + LOOKUP_ASKED]! += keys[0]?.length ?? 0;
    }
    counters[this.place + LOOKUP_ASKING] = this.#keys.questionCount;
  }

  #settle(answer: KeyedAnswer): void {
    const { table, badRecords, notify, now, answers, tablePlace } = this.#parts;
    if (answer.kind === 'ready') return;
    if (answer.kind === 'notice') {
      notify(answer.text);
      return;
    }
    // What speaks with the server has failed by itself.
    if (this.#keys.questionCount === 0 && answer.kind === 'failed') throw fromPlain(answer.error);
    const { kernels } = this.#memory;
    const counters = this.#counters;
    const time = now();
    const { address, count } = this.#keys.answered();
    if (answer.kind === 'rows') {
      counters[tablePlace + SOURCE_BYTES]! += answer.records.length;
      counters[tablePlace + SOURCE_ROWS]! += answers.read(answer.records, (batch) => {
        kernels.lookupCacheAnswer(this.#state, batch, time);
        this.#memory.refresh();
      });
    } else {
      const error = fromPlain(answer.error) as LaminarError;
      if (table.onError === 'fail') throw error;
      badRecords.handleUnanswered(this.#keys.texts(), table.name, error);
    }
    kernels.lookupCacheSettle(this.#state, address, count, answer.kind === 'failed' ? 1 : 0, time);
    kernels.release(address, Math.max(count * 4, 4));
    this.#memory.refresh();
    this.#keys.shift();
    counters[this.place + LOOKUP_ANSWER_MILLIS]! += time - (this.#askedAt.shift() ?? time);
  }

  /** @returns whether anything has gone on. */
  #moveOn(): boolean {
    const { output, turn, meter } = this.#parts;
    const { kernels } = this.#memory;
    const line = this.#line;
    let hasMoved = false;
    while (!line.isEmpty && !turn.isSuspended) {
      if (line.kind === WAITS_BATCH) {
        const parked = line.batch;
        if (!kernels.lookupParkedIsReady(this.#state, parked)) break;
        line.copyCause(meter.stamps, STAMP_CAUSE);
        line.shift();
        this.#emit(parked);
      } else {
        const { kind, cell } = line;
        line.shift();
        if (kind === WAITS_WATERMARK) output.watermark(cell);
        else if (kind === WAITS_END) output.end();
        else output.idle();
      }
      hasMoved = true;
    }
    return hasMoved;
  }

  #emit(parked: number): void {
    const memory = this.#memory;
    const { kernels } = memory;
    this.#counters[this.place + LOOKUP_WAITING]! -= kernels.lookupParkedRows(parked);
    kernels.lookupParkedTake(this.#state, parked, this.#batch);
    if (rowCountOf(memory, this.#batch) > 0) this.#parts.output.emit(this.#batch);
    kernels.lookupParkedDrop(this.#state, parked);
    memory.refresh();
  }
}
