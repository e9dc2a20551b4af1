// A join on one core whose result changes (kernels/updating-join.ts): rows of both inputs come and go, and with each what
// that changes comes out at once.
//
//   batch ─► updatingOpen ─► updatingNext … ─► [condition] ─► updatingSettle ─► updatingWrite … ─► output
//
// Nothing can be promised of the event time of rows that may still come out: no watermark is passed on.

import { CELL_ERROR_SITE } from '../../../kernels/layout.ts';
import { JOIN_CLOCK, JOIN_LATE_COUNT, JOIN_USED_BYTES, SIDE_BYTES } from '../../../kernels/layout-join.ts';
import { columnData, createBatch, rowCountOf } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { JoinNode } from '../../plan/join-node.ts';
import type { StateImage } from '../../state/snapshot.ts';
import { InputProgress } from '../progress.ts';
import { storeMicros } from '../split-watermark.ts';
import type { JoinParts } from './join.ts';
import { judgePairs } from './join-condition.ts';
import type { JoinState } from './join-layout.ts';
import type { MapFunction } from './map.ts';
import type { BlockWriter, Input, KeyShare, SeveralInputs } from './operator.ts';
import { ownBlock, ownOf, restoreRows } from './row-image.ts';
import { createUpdatingState } from './updating-layout.ts';
import { createJoinShares, writeShare } from './write-share.ts';

/** Makes the operator of a join node whose result changes. */
export function createUpdatingJoin(memory: LinearMemory, node: JoinNode, parts: JoinParts): SeveralInputs {
  return new UpdatingJoin(memory, node, parts);
}

class UpdatingJoin implements SeveralInputs {
  readonly id: string;
  readonly ports: readonly Input[];
  readonly #memory: LinearMemory;
  readonly #parts: JoinParts;
  /** How far the inputs are in event time, and which have ended. */
  readonly #progress: InputProgress;
  readonly #made: JoinState;
  readonly #state: number;
  readonly #batch: number;
  readonly #isTimed: boolean;
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
    this.#progress = new InputProgress(memory, 2);
    // Both rows of an update fit.
    this.#batch = createBatch(memory, node.schema, Math.max(parts.batchRows, 2));
    this.#made = createUpdatingState(memory, node, parts);
    this.#state = this.#made.state;
    memory.kernels.updatingInit(this.#state);
    memory.refresh();
    this.#isTimed = node.bounds !== null;
    if (node.ttlMicros !== null) this.onTick = (nowMillis) => this.#tick(nowMillis);
    this.ports = [0, 1].map(
      (port): Input => ({
        process: (batch) => {
          this.#progress.wake(port);
          this.#process(batch, port);
        },
        onWatermark: (cell) => this.#advance(port, cell),
        onIdle: () => {
          if (this.#progress.idle(port)) this.#pass();
        },
        onEnd: () => this.#end(port),
      }),
    );
  }

  onTick?(nowMillis: number): void;

  /** Which inputs have ended, then its rows. */
  save(write: BlockWriter): StateImage {
    write(ownBlock(this.#progress.save()));
    return { begin: 'updatingSave', state: this.#state };
  }

  restore(block: Uint8Array): void {
    const progress = ownOf(block);
    if (progress !== null) {
      // It is the same in all shares.
      if (!this.#hasProgress) this.#progress.restore(progress);
      this.#hasProgress = true;
      return;
    }
    const load = (): void => this.#memory.kernels.updatingLoad(this.#state);
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

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // What a core has left at its end goes with its memory.
    if (this.#progress.isFinished) return;
    this.#progress.close();
    this.#memory.kernels.updatingDestroy(this.#state);
    this.#memory.refresh();
  }

  /** @throws LaminarError for a pair that the condition cannot handle, after those before it were passed on. */
  #process(batch: number, port: number): void {
    const memory = this.#memory;
    const { kernels } = memory;
    const { condition, output } = this.#parts;
    const { joined, columnCount } = this.#made;
    kernels.updatingOpen(this.#state, port);
    for (;;) {
      const entries = kernels.updatingNext(this.#state, batch);
      memory.refresh();
      if (entries === 0) return;
      const failed = condition === null ? 0 : this.#settle(condition);
      if (condition === null) kernels.updatingSettle(this.#state, 0, 0);
      while (kernels.updatingWrite(this.#state, joined, columnCount, this.#batch) > 0) output.emit(this.#batch);
      if (failed !== 0) this.#parts.onFailure(failed, memory.load32(CELL_ERROR_SITE));
    }
  }

  /** Settles what the condition lets through. @returns the error that it met, 0 without one */
  #settle(condition: MapFunction): number {
    const { passing } = this.#made;
    const failed = judgePairs(this.#memory, this.#state, this.#made, condition);
    this.#memory.kernels.updatingSettle(
      this.#state,
      columnData(this.#memory, passing, 0),
      rowCountOf(this.#memory, passing),
    );
    return failed;
  }

  #end(port: number): void {
    if (this.#progress.finish(port)) this.#pass();
    if (this.#progress.isFinished) this.#parts.output.end();
  }

  #advance(port: number, cell: number): void {
    if (!this.#isTimed) return;
    this.#memory.kernels.updatingWatermark(this.#state, port, cell);
    if (this.#progress.advance(port, cell)) this.#pass();
  }

  /** Rows that the watermark of both inputs has passed, and all that they can match, are let go. */
  #pass(): void {
    if (!this.#isTimed || this.#progress.isFinished) return;
    this.#memory.kernels.updatingPass(this.#state, this.#progress.cell);
    this.#memory.refresh();
  }

  /** Rows that come have the time of the clock, and those that were kept long enough are let go. */
  #tick(nowMillis: number): void {
    storeMicros(this.#memory, this.#state + JOIN_CLOCK, nowMillis * 1000);
    this.#memory.kernels.updatingExpire(this.#state);
    this.#memory.refresh();
  }
}
