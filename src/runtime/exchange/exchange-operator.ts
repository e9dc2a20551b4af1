// A node that all cores compute, as core 0's plan has it: rows of a source go in, results come out. There is one for each
// of its inputs.
//
// Where chunks are decoded by all cores, rows go from the decoders to their owners, and only the end comes here. Where
// core 0 reads alone (files merged by time), its batches come here, and each is a chunk of its own.

import type { ChunkFeed } from '../channels/chunk-feed.ts';
import { OWNED_FORWARD, OWNED_STOP } from '../channels/chunk-records.ts';
import type { CoreLink } from '../channels/core-link.ts';
import { waitFor } from '../channels/ring-writer.ts';
import { type ChainFailed, type FeederChain, runChain } from '../feeder-chain.ts';
import type { Input, Output, Stateful } from '../operators/operator.ts';
import type { ExchangePort } from './exchange.ts';

export interface ExchangeOperatorParts {
  port: ExchangePort;
  link: CoreLink;
  chain: FeederChain;
  output: Output;
}

/** Split of what core 0 reads alone: its watermarks need not be put together. */
const OWN_SPLIT = -1;

export class ExchangeOperator implements Stateful, Input {
  readonly id: string;
  readonly lateCount?: () => number;
  readonly keyCount?: () => number;
  readonly reportTime?: (counters: Float64Array, place: number) => void;
  readonly #parts: ExchangeOperatorParts;
  readonly #feed: ChunkFeed;
  readonly #isMerged = (): boolean => this.#parts.port.exchange.results?.isDone === true;
  readonly #isNear = (): boolean => !this.#feed.isFarAhead;

  constructor(parts: ExchangeOperatorParts) {
    const { input, exchange } = parts.port;
    this.id = exchange.plan.node.id;
    this.#parts = parts;
    this.#feed = parts.link.feed(input.source.id);
    const { operator } = exchange.owner;
    if (operator.lateCount !== undefined) this.lateCount = () => operator.lateCount?.() ?? 0;
    if (operator.keyCount !== undefined) this.keyCount = () => operator.keyCount?.() ?? 0;
    if (operator.reportTime !== undefined) this.reportTime = (to, place) => operator.reportTime?.(to, place);
  }

  /** @throws LaminarError for a row that an expression cannot handle, behind what the rows before have closed. */
  process(batch: number): void {
    const { port, chain } = this.#parts;
    port.readsAlone = true;
    this.#begin();
    const failure = runChain(chain, batch, true);
    port.sender.end(failure === null ? 0 : OWNED_STOP, 0);
    port.exchange.work();
    if (failure !== null) this.#fail(failure);
  }

  onWatermark(cell: number): void {
    const { port } = this.#parts;
    if (!port.readsAlone) return;
    this.#begin();
    port.sender.end(OWNED_FORWARD, cell);
    port.exchange.work();
  }

  onIdle(): void {
    this.#parts.output.idle();
  }

  onEnd(): void {
    this.#feed.setFinished();
    this.#parts.link.ringOthers();
    const { exchange } = this.#parts.port;
    if (exchange.endInput() && waitFor(exchange, this.#isMerged)) this.#parts.output.end();
  }

  onTick(nowMillis: number): void {
    const { exchange } = this.#parts.port;
    exchange.owner.tick(nowMillis);
    exchange.work();
  }

  /** What owners keep they give themselves (Exchange). */
  save(): null {
    return null;
  }

  // Of this core's part: the others report theirs.

  stateBytes(): number {
    return this.#owned.stateBytes();
  }

  close(): void {
    this.#parts.port.exchange.close();
  }

  get #owned(): Stateful {
    return this.#parts.port.exchange.owner.operator;
  }

  #begin(): void {
    const { port } = this.#parts;
    waitFor(port.exchange, this.#isNear);
    const number = this.#feed.addEmpty();
    this.#feed.setUsed((number + 1) | 0);
    port.sender.begin(OWN_SPLIT, number);
  }

  #fail({ cause }: ChainFailed): never {
    waitFor(this.#parts.port.exchange, this.#isMerged);
    throw cause;
  }
}
