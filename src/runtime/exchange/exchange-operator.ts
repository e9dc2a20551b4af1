// An aggregate that all cores compute, as core 0's plan has it: rows of its source go in, merged results come out.
//
// Where chunks are decoded by all cores, rows go from the decoders to their owners, and only the end comes here. Where
// core 0 reads alone (compressed files, files merged by time), its batches come here, and each is a chunk of its own.

import type { ChunkFeed } from '../channels/chunk-feed.ts';
import { OWNED_FORWARD, OWNED_STOP } from '../channels/chunk-records.ts';
import type { CoreLink } from '../channels/core-link.ts';
import { waitFor } from '../channels/ring-writer.ts';
import { type ChainFailed, type FeederChain, runChain } from '../feeder-chain.ts';
import type { Input, Output, Stateful } from '../operators/operator.ts';
import type { Exchange } from './exchange.ts';

export interface ExchangeOperatorParts {
  exchange: Exchange;
  link: CoreLink;
  chain: FeederChain;
  output: Output;
  /** Raises the error that an expression reported. */
  onFailure: (code: number, site: number) => never;
}

/** Split of what core 0 reads alone: its watermarks need not be put together. */
const OWN_SPLIT = -1;

export class ExchangeOperator implements Stateful, Input {
  readonly id: string;
  readonly #parts: ExchangeOperatorParts;
  readonly #feed: ChunkFeed;
  readonly #isMerged = (): boolean => this.#parts.exchange.merge?.isDone === true;
  readonly #isNear = (): boolean => !this.#feed.isFarAhead;

  constructor(parts: ExchangeOperatorParts) {
    const { source, aggregate } = parts.exchange.plan;
    this.id = aggregate.id;
    this.#parts = parts;
    this.#feed = parts.link.feed(source.id);
  }

  /** @throws LaminarError for a row that an expression cannot handle, behind what the rows before have closed. */
  process(batch: number): void {
    const { exchange, chain } = this.#parts;
    exchange.readsAlone = true;
    this.#begin();
    const failure = runChain(chain, batch, true);
    exchange.sender.end(failure === null ? 0 : OWNED_STOP, 0);
    exchange.work();
    if (failure !== null) this.#fail(failure);
  }

  onWatermark(cell: number): void {
    if (!this.#parts.exchange.readsAlone) return;
    this.#begin();
    this.#parts.exchange.sender.end(OWNED_FORWARD, cell);
    this.#parts.exchange.work();
  }

  onIdle(): void {
    this.#parts.output.idle();
  }

  onEnd(): void {
    this.#feed.setFinished();
    this.#parts.link.ringOthers();
    if (waitFor(this.#parts.exchange, this.#isMerged)) this.#parts.output.end();
  }

  onTick(): void {
    this.#parts.exchange.work();
  }

  lateCount(): number {
    return this.#parts.exchange.owner.aggregate.lateCount();
  }

  // Of this core's part: the others report theirs.

  stateBytes(): number {
    return this.#parts.exchange.owner.aggregate.stateBytes();
  }

  keyCount(): number {
    return this.#parts.exchange.owner.aggregate.keyCount?.() ?? 0;
  }

  reportTime(counters: Float64Array, place: number): void {
    this.#parts.exchange.owner.aggregate.reportTime?.(counters, place);
  }

  close(): void {
    this.#parts.exchange.close();
  }

  #begin(): void {
    waitFor(this.#parts.exchange, this.#isNear);
    this.#feed.lock();
    const number = this.#feed.add(0, 0, false);
    this.#feed.unlock();
    this.#feed.setUsed((number + 1) | 0);
    this.#parts.exchange.sender.begin(OWN_SPLIT, number);
  }

  #fail({ code, site }: ChainFailed): never {
    waitFor(this.#parts.exchange, this.#isMerged);
    return this.#parts.onFailure(code, site);
  }
}
