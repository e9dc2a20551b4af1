// GROUP BY on one core: batches in, and for every closed window its groups out, in (end, start, key) order.
//
// The work is in kernels/aggregate.ts; here are the operator's life and its place between its neighbours. Rows go out
// when a watermark closes their window, before that watermark; without a window, at the end of input. The watermark
// passed on is the start of the earliest window that may still come out: none of the rows is late for a window over
// window_start, window_end or window_time. Without a window nothing can be promised, and none is passed on.

import * as aggregateLayout from '../../../kernels/layout-aggregate.ts';
import { SHARE_BYTES } from '../../../kernels/layout-share.ts';
import type { LaminarError } from '../../base/errors.ts';
import { createBatch } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import type { AggregateNode } from '../../plan/aggregate-node.ts';
import type { StateImage } from '../../state/snapshot.ts';
import { OPERATOR_OPEN_END, OPERATOR_OPEN_START, OPERATOR_WATERMARK } from '../counters.ts';
import { storeMicros, watermarkMicros } from '../split-watermark.ts';
import type { Resumable } from '../turn.ts';
import { AggregateChanges } from './aggregate-changes.ts';
import { writeCalls, writeKeys } from './aggregate-descriptors.ts';
import { type EntryLayout, layOutEntry } from './aggregate-layout.ts';
import { overflowOf } from './aggregate-overflow.ts';
import { prepareRetractions } from './aggregate-retract.ts';
import { type LateParts, LateRows } from './late-rows.ts';
import type { BlockWriter, KeyShare, Operator, Output } from './operator.ts';
import { QuietClock } from './quiet-clock.ts';
import { ownBlock, ownOf } from './row-image.ts';
import { writeShare } from './write-share.ts';

/** An aggregate on one core. */
export interface Aggregate extends Operator {
  /** Address of its state, by whose keys rows are sorted to cores. */
  readonly state: number;
  /** Rows dropped because their window was closed. */
  lateCount(): number;
}

/** Makes the operator of an aggregate node. `batchRows`: most rows of a batch going out. */
export function createAggregate(
  memory: LinearMemory,
  node: AggregateNode,
  inputSchema: Schema,
  batchRows: number,
  output: Output,
  late: LateParts | null = null,
): Aggregate {
  return new AggregateOperator(memory, node, { inputSchema, batchRows, output, late });
}

interface AggregateParts {
  inputSchema: Schema;
  batchRows: number;
  output: Output;
  late: LateParts | null;
}

/** What comes behind rows that are due. */
const THEN_WATERMARK = 0;
const THEN_END = 1;
const THEN_REOPEN = 2;
const THEN_NOTHING = 3;

class AggregateOperator implements Aggregate, Resumable {
  readonly id: string;
  readonly state: number;
  readonly #memory: LinearMemory;
  readonly #node: AggregateNode;
  readonly #output: Output;
  readonly #state: number;
  readonly #batch: number;
  /** null: every result comes out once. */
  readonly #changes: AggregateChanges | null;
  /** null: nobody asks for the late rows. */
  readonly #late: LateRows | null;
  /** null: nothing happens when no row comes. */
  readonly #quiet: QuietClock | null;
  readonly onTick?: (nowMillis: number) => void;
  /** Three i64, for reportTime; the clock's time as a watermark behind them. */
  readonly #times: number;
  /** Address of what is taken of saved shares (SHARE_*); 0 before any. */
  #share = 0;
  /** Rows are due that have not been passed on. */
  #isSuspended = false;
  #isClosed = false;

  constructor(memory: LinearMemory, node: AggregateNode, parts: AggregateParts) {
    this.id = node.id;
    this.#memory = memory;
    this.#node = node;
    this.#output = parts.output;
    this.#batch = createBatch(memory, node.schema, parts.batchRows);
    const entry = layOutEntry(parts.inputSchema, node);
    const state = createState(memory, node, entry);
    this.#state = state;
    this.state = state;
    memory.kernels.aggregateInit(state);
    memory.refresh();
    this.#times = memory.allocate(32);
    const fail = (failed: number): never => {
      throw this.#failure(failed);
    };
    const { changeColumn } = node;
    if (changeColumn !== undefined) {
      const timeColumn = node.window?.kind === 'session' ? node.window.column : null;
      prepareRetractions(memory, state, { entry, inputSchema: parts.inputSchema, changeColumn, timeColumn });
    }
    this.#changes =
      node.emit.on === 'close' && changeColumn === undefined
        ? null
        : new AggregateChanges({ ...parts, memory, node, entry, state, fail });
    this.#late = parts.late === null ? null : new LateRows(memory, state, parts.late);
    this.#quiet = node.idleMicros === null ? null : new QuietClock(node.idleMicros / 1000);
    const followsClock = node.emit.on === 'tick' || node.window?.byClock === true;
    if (followsClock || this.#quiet !== null) this.onTick = (nowMillis) => this.#tick(nowMillis);
  }

  /** @throws LMN-3051 when a sum that comes out does not fit its type. */
  process(batch: number): void {
    if (this.#changes !== null) this.#changes.process(batch);
    else {
      this.#memory.kernels.aggregateProcess(this.#state, batch);
      this.#memory.refresh();
    }
    if (this.#late !== null) this.#late.passOn();
    if (this.#quiet !== null) this.#quiet.touch();
  }

  /** @throws LMN-3051 when a sum of a closed window does not fit its type. */
  onWatermark(cell: number): void {
    const { window } = this.#node;
    if (window === null || window.closesAtEnd || window.byClock) return;
    this.#advance(cell);
  }

  /** Closes what the watermark at `cell` passes, and passes one on. */
  #advance(cell: number): void {
    if (this.#changes === null) this.#memory.kernels.aggregateWatermark(this.#state, cell);
    this.resume(THEN_WATERMARK, cell);
  }

  /** Passes on the rows that are due, batch by batch as the turn's time permits, and what comes behind them. */
  resume(then: number, cell: number): void {
    this.#isSuspended = false;
    while (!this.#emitDue(then, cell)) {
      this.#isSuspended = this.#output.pause?.(this, then, cell) === true;
      if (this.#isSuspended) return;
    }
    if (then === THEN_NOTHING) return;
    if (then === THEN_END) {
      this.#late?.end();
      this.#output.end();
      return;
    }
    if (then === THEN_REOPEN) this.#memory.kernels.aggregateResume(this.#state);
    this.#output.watermark(this.#state + aggregateLayout.AGGREGATE_FORWARD);
  }

  onIdle(): void {
    this.#output.idle();
  }

  /** @throws LMN-3051 when a sum does not fit its type. */
  onEnd(): void {
    this.#memory.kernels.aggregateEnd(this.#state);
    this.#changes?.end();
    this.resume(THEN_END, 0);
  }

  lateCount(): number {
    return this.#memory.f64[(this.#state + aggregateLayout.AGGREGATE_LATE_COUNT) >>> 3] as number;
  }

  reportTime(counters: Float64Array, place: number): void {
    const memory = this.#memory;
    const isOpen = !this.#isClosed && memory.kernels.aggregateOpenWindow(this.#state, this.#times) !== 0;
    counters[place + OPERATOR_WATERMARK] = watermarkMicros(memory, this.#times);
    counters[place + OPERATOR_OPEN_START] = isOpen ? watermarkMicros(memory, this.#times + 8) : Number.NaN;
    counters[place + OPERATOR_OPEN_END] = isOpen ? watermarkMicros(memory, this.#times + 16) : Number.NaN;
  }

  keyCount(): number {
    return this.#isClosed ? 0 : this.#memory.kernels.aggregateKeyCount(this.#state);
  }

  stateBytes(): number {
    return this.#isClosed ? 0 : this.#memory.load32(this.#state + aggregateLayout.AGGREGATE_USED_BYTES);
  }

  save(write: BlockWriter): StateImage {
    if (this.#changes !== null) write(ownBlock(this.#changes.save()));
    return { begin: 'aggregateSave', state: this.#state };
  }

  restore(block: Uint8Array): void {
    const memory = this.#memory;
    const ticked = ownOf(block);
    if (ticked !== null) {
      this.#changes?.restore(ticked);
      return;
    }
    const at = memory.store(block);
    memory.kernels.aggregateLoad(this.#state, at);
    memory.kernels.release(at, block.length);
    memory.refresh();
    if (this.#quiet !== null) this.#quiet.touch();
  }

  beginShare(share: KeyShare, isCounted: boolean): void {
    if (this.#share === 0) this.#share = this.#memory.allocateZeroed(SHARE_BYTES);
    writeShare(this.#memory, this.#share, share, isCounted);
    this.#memory.kernels.aggregateBeginShare(this.#state, this.#share);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#changes?.destroy();
    this.#memory.kernels.aggregateDestroy(this.#state);
    this.#memory.refresh();
  }

  #tick(nowMillis: number): void {
    if (this.#node.window?.byClock === true) {
      storeMicros(this.#memory, this.#times + 24, nowMillis * 1000);
      this.#advance(this.#times + 24);
    }
    if (!this.#isSuspended && this.#changes?.tick(nowMillis) === true) this.resume(THEN_NOTHING, 0);
    if (!this.#isSuspended && this.#quiet?.isDue(nowMillis) === true) this.#flush();
  }

  /**
   * What is open comes out. Where rows could correct it, they still can; otherwise it is closed: they are late, and the
   * watermark passed on is as if it had come that far.
   */
  #flush(): void {
    if (this.#changes === null) this.#memory.kernels.aggregateFlush(this.#state);
    else this.#changes.fire();
    this.resume(this.#changes === null ? THEN_REOPEN : THEN_NOTHING, 0);
  }

  /** Passes on a batch of them. @returns whether there are no more. */
  #emitDue(then: number, cell: number): boolean {
    if (this.#changes !== null) return then === THEN_WATERMARK ? this.#changes.watermark(cell) : this.#changes.drain();
    const memory = this.#memory;
    const rows = memory.kernels.aggregateEmit(this.#state, this.#batch);
    memory.refresh();
    if (rows > 0) this.#output.emit(this.#batch);
    if (memory.load32(this.#state + aggregateLayout.AGGREGATE_FAILED_CALL) !== 0) throw this.#failure(this.#batch);
    return rows === 0 && memory.load32(this.#state + aggregateLayout.AGGREGATE_IS_SORTING) === 0;
  }

  /** The group that failed is the row after those that were emitted: its keys are in the batch. */
  #failure(batch: number): LaminarError {
    const word = (offset: number): number => this.#memory.load32(this.#state + offset);
    return overflowOf(this.#memory, this.#node, batch, {
      call: word(aggregateLayout.AGGREGATE_FAILED_CALL),
      failed: word(aggregateLayout.AGGREGATE_FAILED_GROUPS),
      groups: word(aggregateLayout.AGGREGATE_WINDOW_GROUPS),
    });
  }
}

const WINDOW_KINDS = {
  tumble: aggregateLayout.WINDOW_TUMBLE,
  hop: aggregateLayout.WINDOW_HOP,
  cumulate: aggregateLayout.WINDOW_CUMULATE,
  session: aggregateLayout.WINDOW_SESSION,
  inherited: aggregateLayout.WINDOW_INHERITED,
};

/** Allocates the state block and writes the header and descriptors that the kernels work by. */
function createState(memory: LinearMemory, node: AggregateNode, entry: EntryLayout): number {
  const state = memory.allocateZeroed(aggregateLayout.AGGREGATE_STATE_BYTES);
  const set = (offset: number, value: number): void => memory.store32(state + offset, value);
  set(aggregateLayout.AGGREGATE_KEY_COUNT, entry.keys.length);
  set(aggregateLayout.AGGREGATE_KEY_BYTES, entry.keyBytes);
  set(aggregateLayout.AGGREGATE_KEYS, writeKeys(memory, entry));
  set(aggregateLayout.AGGREGATE_CALL_COUNT, entry.calls.length);
  set(aggregateLayout.AGGREGATE_CALLS, writeCalls(memory, entry));
  const { window } = node;
  setEntries(memory, state, entry, window?.kind === 'session');
  set(aggregateLayout.AGGREGATE_SEEN, entry.seenOffset);
  set(aggregateLayout.AGGREGATE_IS_WINDOWED, window === null ? 0 : 1);
  set(aggregateLayout.AGGREGATE_TIME_COLUMN, window?.column ?? -1);
  set(aggregateLayout.AGGREGATE_WATERMARK_COLUMN, window?.watermarkColumn ?? -1);
  if (window !== null) {
    const { kind, sizeMicros, slideMicros, offsetMicros, latenessMicros, inherited } = window;
    const period = Math.max(kind === 'hop' ? slideMicros : sizeMicros, 1);
    const isTumble = kind !== 'inherited' && slideMicros === sizeMicros;
    set(aggregateLayout.AGGREGATE_WINDOW_KIND, isTumble ? aggregateLayout.WINDOW_TUMBLE : WINDOW_KINDS[kind]);
    set(aggregateLayout.AGGREGATE_END_COLUMN, inherited?.endColumn ?? -1);
    set(aggregateLayout.AGGREGATE_CLOSES_BY_START, inherited?.closesBy === 'start' ? 1 : 0);
    const setMicros = (offset: number, micros: number): void => {
      memory.i64[(state + offset) >>> 3] = BigInt(micros);
    };
    setMicros(aggregateLayout.AGGREGATE_SIZE, sizeMicros);
    setMicros(aggregateLayout.AGGREGATE_SLIDE, slideMicros);
    setMicros(aggregateLayout.AGGREGATE_OFFSET, ((offsetMicros % period) + period) % period);
    setMicros(aggregateLayout.AGGREGATE_LATENESS, latenessMicros);
    memory.i64[(state + aggregateLayout.AGGREGATE_FORWARD) >>> 3] = -(2n ** 63n);
  }
  return state;
}

/** What a new entry of the group table is; with sessions, what the entry of a key is, and what that of a session. */
function setEntries(memory: LinearMemory, state: number, entry: EntryLayout, isSession: boolean): void {
  const set = (offset: number, value: number): void => memory.store32(state + offset, value);
  const template = memory.store(entry.template);
  if (!isSession) {
    set(aggregateLayout.AGGREGATE_ENTRY_BYTES, entry.entryBytes);
    set(aggregateLayout.AGGREGATE_TEMPLATE, template);
    return;
  }
  const ofKey = new Uint8Array(Math.ceil((entry.keyEnd + 4) / 16) * 16);
  set(aggregateLayout.AGGREGATE_ENTRY_BYTES, ofKey.length);
  set(aggregateLayout.AGGREGATE_TEMPLATE, memory.store(ofKey));
  set(aggregateLayout.AGGREGATE_SESSION_BYTES, entry.entryBytes);
  set(aggregateLayout.AGGREGATE_SESSION_TEMPLATE, template);
  set(aggregateLayout.AGGREGATE_SESSION_LIST, entry.keyEnd);
}
