// A join on one core (kernels/join.ts): rows of two inputs wait for the watermark of both and are joined in the order of
// their time, or, where nothing bounds how far they may be apart, as they come.
//
//   batch ─► joinKeep          watermark ─► joinRelease ─► joinNext … ─► [condition ─► joinSettle] ─► joinWrite ─► output
//
// With bounds the watermark goes on, behind the input's by as much as the time of a row may be behind that of its match.
// Without them nothing can be promised, and none does.

import { CELL_ERROR_SITE } from '../../../kernels/layout.ts';
import {
  JOIN_CLOCK,
  JOIN_COUNT,
  JOIN_FORWARD,
  JOIN_LATE_COUNT,
  JOIN_LIMIT,
  JOIN_USED_BYTES,
  SIDE_BYTES,
} from '../../../kernels/layout-join.ts';
import { PROGRESS_FINISHED } from '../../../kernels/layout-time.ts';
import { columnData, createBatch, rowCountOf } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Schema } from '../../data/schema.ts';
import type { JoinNode } from '../../plan/join-node.ts';
import type { StateImage } from '../../state/snapshot.ts';
import { InputProgress } from '../progress.ts';
import { storeMicros } from '../split-watermark.ts';
import { judgePairs } from './join-condition.ts';
import { createJoinState, type JoinState } from './join-layout.ts';
import type { MapFailure, MapFunction } from './map.ts';
import type { BlockWriter, Input, KeyShare, Output, SeveralInputs } from './operator.ts';
import { ownBlock, ownOf, restoreRows } from './row-image.ts';
import { createJoinShares, writeShare } from './write-share.ts';

/** A join on one core. */
export interface Join extends SeveralInputs {
  /** Rows dropped because they were older than the watermark. */
  lateCount(): number;
}

export interface JoinParts {
  /** Of the left and the right input. */
  inputSchemas: readonly [Schema, Schema];
  /** Most rows of a batch going out. */
  batchRows: number;
  output: Output;
  /** The condition, null without one. */
  condition: MapFunction | null;
  onFailure: MapFailure;
}

/** Makes the operator of a join node. */
export function createJoin(memory: LinearMemory, node: JoinNode, parts: JoinParts): Join {
  return new JoinOperator(memory, node, parts);
}

class JoinOperator implements Join {
  readonly id: string;
  readonly ports: readonly Input[];
  readonly #memory: LinearMemory;
  readonly #parts: JoinParts;
  readonly #progress: InputProgress;
  /** Watermarks let rows be joined. */
  readonly #isTimed: boolean;
  /** All waits for the end of the input. */
  readonly #joinsAtEnd: boolean;
  readonly #isAsof: boolean;
  /** Rows of the right input are changes of versions. */
  readonly #hasVersions: boolean;
  readonly #made: JoinState;
  readonly #state: number;
  readonly #batch: number;
  readonly #keys: JoinNode['keys'];
  /** Addresses of what is taken of saved shares (SHARE_*), by side; none before any. */
  #shares: number[] = [];
  /** The progress of the inputs has been restored. */
  #hasProgress = false;
  #isClosed = false;

  constructor(memory: LinearMemory, node: JoinNode, parts: JoinParts) {
    this.id = node.id;
    this.#memory = memory;
    this.#parts = parts;
    this.#keys = node.keys;
    this.#isTimed = node.time !== null && !node.time.joinsAtEnd;
    this.#joinsAtEnd = node.time?.joinsAtEnd ?? false;
    this.#isAsof = node.asof !== null;
    this.#hasVersions = node.versionColumn !== null;
    this.#progress = new InputProgress(memory, 2);
    this.#batch = createBatch(memory, node.schema, parts.batchRows);
    this.#made = createJoinState(memory, node, parts);
    this.#state = this.#made.state;
    memory.kernels.joinInit(this.#state);
    memory.refresh();
    if (node.ttlMicros !== null) this.onTick = (nowMillis) => this.#tick(nowMillis);
    this.ports = [0, 1].map(
      (port): Input => ({
        process: (batch) => this.#process(batch, port),
        onWatermark: (cell) => this.#advance(this.#progress.advance(port, cell)),
        onIdle: () => this.#idle(port),
        onEnd: () => this.#end(port),
      }),
    );
  }

  /** The progress of its inputs, then its rows. */
  save(write: BlockWriter): StateImage {
    write(ownBlock(this.#progress.save()));
    return { begin: 'joinSave', state: this.#state };
  }

  restore(block: Uint8Array): void {
    const progress = ownOf(block);
    if (progress !== null) {
      // It is the same in all shares.
      if (this.#hasProgress) return;
      this.#hasProgress = true;
      this.#progress.restore(progress);
      for (const port of [0, 1]) if (this.#progress.stateOf(port) === PROGRESS_FINISHED) this.#endSide(port);
      return;
    }
    const load = (): void => this.#memory.kernels.joinLoad(this.#state);
    restoreRows(this.#memory, block, { rows: [this.#state, this.#state + SIDE_BYTES], load, shares: this.#shares });
  }

  beginShare(share: KeyShare, isCounted: boolean): void {
    if (this.#shares.length === 0) {
      this.#shares = createJoinShares(this.#memory, share, this.#keys, this.#parts.inputSchemas);
    }
    for (const side of this.#shares) writeShare(this.#memory, side, share, isCounted);
  }

  lateCount(): number {
    return this.#memory.f64[(this.#state + JOIN_LATE_COUNT) >>> 3] as number;
  }

  stateBytes(): number {
    return this.#isClosed ? 0 : this.#memory.load32(this.#state + JOIN_USED_BYTES);
  }

  onTick?(nowMillis: number): void;

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // What a core has left at its end goes with its memory.
    if (this.#progress.isFinished) return;
    this.#progress.close();
    this.#memory.kernels.joinDestroy(this.#state);
    this.#memory.refresh();
  }

  /** @throws LaminarError for a pair that the condition cannot handle, after those before it were passed on. */
  #process(batch: number, port: number): void {
    const hasMoved = this.#progress.wake(port);
    if (port === 1 && this.#hasVersions) this.#memory.kernels.joinKeepVersions(this.#state, batch);
    else this.#memory.kernels.joinKeep(this.#state, port, batch);
    this.#memory.refresh();
    if (this.#isTimed) this.#advance(hasMoved);
    else if (!this.#joinsAtEnd) this.#join();
  }

  #idle(port: number): void {
    this.#advance(this.#progress.idle(port));
    if (this.#isTimed && this.#progress.isIdle) this.#parts.output.idle();
  }

  #end(port: number): void {
    const hasMoved = this.#progress.finish(port);
    if (!this.#progress.isFinished) {
      this.#endSide(port);
      this.#advance(hasMoved);
      return;
    }
    this.#memory.kernels.joinRelease(this.#state, 0);
    this.#memory.refresh();
    this.#join();
    this.#parts.output.end();
  }

  /** Without an order of time, rows of the other side have all the matches that they will have once they have come. */
  #endSide(port: number): void {
    if (!this.#isTimed && !this.#joinsAtEnd && !this.#isAsof) this.#memory.kernels.joinEndSide(this.#state, port);
  }

  /** The watermark of both inputs may have moved: joins what it has passed, and passes it on. */
  #advance(hasMoved: boolean): void {
    if (!this.#isTimed || !hasMoved || !this.#progress.hasWatermark) return;
    this.#memory.kernels.joinRelease(this.#state, this.#progress.cell);
    this.#memory.refresh();
    this.#join();
    if (this.#isAsof) this.#memory.kernels.asofForward(this.#state, this.#progress.cell);
    this.#parts.output.watermark(this.#state + JOIN_FORWARD);
  }

  /** Rows that come have the time of the clock, and those that were kept long enough before it are let go. */
  #tick(nowMillis: number): void {
    storeMicros(this.#memory, this.#state + JOIN_CLOCK, nowMillis * 1000);
    storeMicros(this.#memory, this.#state + JOIN_LIMIT, nowMillis * 1000);
    this.#join();
  }

  /** Joins what may be joined. */
  #join(): void {
    const memory = this.#memory;
    const { kernels } = memory;
    const { condition, output } = this.#parts;
    const { joined, columnCount } = this.#made;
    for (;;) {
      const found = this.#isAsof ? kernels.asofNext(this.#state) : kernels.joinNext(this.#state);
      memory.refresh();
      if (found === 0) return;
      const failed = condition === null ? 0 : this.#settle(condition);
      if (memory.load32(this.#state + JOIN_COUNT) > 0) {
        kernels.joinWrite(this.#state, joined, columnCount, this.#batch);
        output.emit(this.#batch);
      }
      if (failed !== 0) this.#parts.onFailure(failed, memory.load32(CELL_ERROR_SITE));
    }
  }

  /** Leaves in flight what the condition lets through. @returns the error that it met, 0 without one */
  #settle(condition: MapFunction): number {
    const { passing } = this.#made;
    const failed = judgePairs(this.#memory, this.#state, this.#made, condition);
    this.#memory.kernels.joinSettle(
      this.#state,
      columnData(this.#memory, passing, 0),
      rowCountOf(this.#memory, passing),
    );
    return failed;
  }
}
