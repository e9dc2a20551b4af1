// One core's part in an exchange (src/plan/exchange.ts): it sends rows to the cores that own them, owns some
// itself, and if it is the first, merges what all have aggregated.
//
// Nobody waits idle for room in a ring: whoever does goes on with what has come for it. Of two cores that wait for each
// other, one is at a chunk that all rows have come of, so it gets on, and with it the other.

import type { LinearMemory } from '../../data/memory.ts';
import type { ExchangePlan } from '../../plan/exchange.ts';
import type { CoreLink } from '../channels/core-link.ts';
import type { Waiting } from '../channels/ring-writer.ts';
import type { Control } from '../control.ts';
import type { MemoryShare } from '../memory-share.ts';
import type { Meter } from '../meter.ts';
import type { Output } from '../operators/operator.ts';
import type { Telemetry } from '../telemetry.ts';
import { ExchangeSender } from './exchange-sender.ts';
import { Owner } from './owner.ts';
import { ResultsMerge } from './results-merge.ts';

/** Sleep while this core only waits for others, ms. */
const PAUSE_MILLIS = 1;

export interface ExchangeParts {
  plan: ExchangePlan;
  link: CoreLink;
  control: Control;
  share: MemoryShare;
  meter: Meter;
  telemetry: Telemetry;
  batchRows: number;
  /** Takes the results, on the first core; null on others. */
  output: Output | null;
  /** As in Waiting. */
  yield: (() => void) | null;
}

export class Exchange implements Waiting {
  readonly plan: ExchangePlan;
  readonly bell: Waiting['bell'];
  readonly yield: Waiting['yield'];
  readonly meter: Meter;
  /** Of the aggregate's counters. */
  readonly place: number;
  readonly sender: ExchangeSender;
  readonly owner: Owner;
  readonly merge: ResultsMerge | null;
  /** The split is read by core 0 alone, whose batches are chunks. */
  readsAlone = false;
  readonly #control: Control;
  /** What went wrong behind the exchange, which is not the owner's to tell. */
  #failure: unknown = null;

  constructor(memory: LinearMemory, parts: ExchangeParts) {
    const { plan, link, control, share, meter, telemetry, batchRows, output } = parts;
    this.plan = plan;
    this.bell = link.bell;
    this.yield = parts.yield;
    this.meter = meter;
    this.place = telemetry.placeOf(plan.aggregate.id);
    this.#control = control;
    const isForeign = (error: unknown): boolean => error === this.#failure;
    this.owner = new Owner(memory, { plan, link, waiting: this, share, place: this.place, batchRows, isForeign });
    const { state } = this.owner.aggregate;
    const isUnwanted = (): boolean => this.owner.isDone;
    const { schema } = plan.chain;
    const { owner } = this;
    const sending = { link, waiting: this, isUnwanted, owner, by: plan.by, state, schema, batchRows };
    this.sender = new ExchangeSender(memory, sending);
    this.merge = output === null ? null : new ResultsMerge(memory, { plan, link, meter, batchRows, state, output });
  }

  /** Something went wrong behind the exchange, on this core. */
  get hasFailed(): boolean {
    return this.#failure !== null;
  }

  isOver(): boolean {
    return this.#control.isOver;
  }

  work(): boolean {
    const hasOwned = this.owner.work();
    return this.#workMerge() || hasOwned;
  }

  #workMerge(): boolean {
    try {
      return this.merge?.work() ?? false;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** Whether results of chunks before this one have not come out. */
  isBehind(chunk: number): boolean {
    return this.merge !== null && this.merge.chunk !== chunk;
  }

  /** Lets the other cores go on, for a moment. */
  pause(): void {
    if (this.yield !== null) this.yield();
    else this.bell.sleep(this.bell.listen(), PAUSE_MILLIS);
  }

  close(): void {
    this.owner.aggregate.close();
  }
}
