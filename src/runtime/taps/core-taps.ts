// All taps of a core: attached to its edges and taken off again as the main thread asks, between two turns.
//
// The core never waits for a message: a word that all cores see (control.ts) counts those that were sent, and only when
// it has moved does the core look into its port.

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { LaminarError, type PlainError, toPlain } from '../../base/errors.ts';
import { TAP_SPARE_BYTES } from '../../base/limits.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { TapPlan } from '../../plan/tap-plan.ts';
import type { Control } from '../control.ts';
import type { Edge } from '../edge.ts';
import type { MemoryShare } from '../memory-share.ts';
import { isOutOfMemory } from '../out-of-memory.ts';
import type { Task } from '../urgency.ts';
import { CoreTap, TapBudget, type TapFormat } from './core-tap.ts';
import { TapShare } from './tap-share.ts';

/** What the main thread sends to every core. */
export type TapMessage =
  | { kind: 'attach'; id: number; plan: TapPlan; format: TapFormat; share: SharedArrayBuffer }
  | { kind: 'detach'; id: number };

/** What a core answers: it cannot go on with a tap. */
export interface TapFailed {
  id: number;
  error: PlainError;
}

/** The edge by which rows of a node leave it on this core, by the node's id. */
export type TapPoints = ReadonlyMap<string, Edge>;

export interface CoreTapsParts {
  core: number;
  port: MessagePort;
  control: Control;
  points: TapPoints;
  batchRows: number;
  /** The pipeline keeps the wall clock for compiled code. */
  hasClock: boolean;
  share: MemoryShare;
}

export class CoreTaps implements Task {
  readonly #memory: LinearMemory;
  readonly #parts: CoreTapsParts;
  readonly #budget = new TapBudget();
  readonly #taps = new Map<number, { tap: CoreTap; edge: Edge }>();
  /** Messages that have been looked for. */
  #seen = 0;

  constructor(memory: LinearMemory, parts: CoreTapsParts) {
    this.#memory = memory;
    this.#parts = parts;
  }

  /** Takes the messages that have come. */
  run(): boolean {
    const sent = this.#parts.control.tapMessages;
    if (sent === this.#seen) return false;
    this.#seen = sent;
    for (;;) {
      const received = receiveMessageOnPort(this.#parts.port) as { message: TapMessage } | undefined;
      if (received === undefined) return true;
      const { message } = received;
      if (message.kind === 'attach') this.#attach(message);
      else this.#detach(message.id);
    }
  }

  #attach({ id, plan, format, share: buffer }: Extract<TapMessage, { kind: 'attach' }>): void {
    const { core, points, batchRows, hasClock, share } = this.#parts;
    const edge = points.get(plan.map.inputs[0] as string);
    // Its rows pass through other cores.
    if (edge === undefined) return;
    try {
      if (share.spareBytes < TAP_SPARE_BYTES) throw noMemory();
      const tap = new CoreTap(this.#memory, {
        plan,
        format,
        share: new TapShare(buffer),
        core,
        batchRows: Math.max(batchRows, 2),
        budget: this.#budget,
        hasClock,
        onFailure: (error) => this.#fail(id, error),
      });
      this.#taps.set(id, { tap, edge });
      edge.tap(tap);
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #detach(id: number): void {
    const found = this.#taps.get(id);
    if (found === undefined) return;
    this.#taps.delete(id);
    found.edge.untap(found.tap);
    found.tap.close();
  }

  /** It is detached when the main thread has heard of it. */
  #fail(id: number, error: unknown): void {
    const told = isOutOfMemory(error, this.#memory) ? noMemory() : error;
    this.#parts.port.postMessage({ id, error: toPlain(told) } satisfies TapFailed);
  }
}

function noMemory(): LaminarError {
  return new LaminarError('LMN-7017', 'there is not enough memory left for a tap', {
    hint: 'the pipeline needs what there is: SET memory_limit allows more',
  });
}
