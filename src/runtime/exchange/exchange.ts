// One core's part in an exchange (src/plan/exchange.ts, fed-exchange.ts): it sends rows to the cores that own them, owns some
// itself, and if it is the first, puts together what all have computed.
//
// Nobody waits idle for room in a ring: whoever does goes on with what has come for it. Of two cores that wait for each
// other, one is at a chunk that all rows have come of, so it gets on, and with it the other.

import { killPoint } from '../../base/kill-point.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { ExchangeInput, ExchangePlan } from '../../plan/exchange.ts';
import type { FedPlan } from '../../plan/fed-exchange.ts';
import type { Snapshot } from '../../state/snapshot.ts';
import { BARRIER_FIRST, BARRIER_LAST } from '../channels/chunk-records.ts';
import type { CoreLink } from '../channels/core-link.ts';
import type { Waiting } from '../channels/ring-writer.ts';
import type { TakenShare } from '../checkpointer.ts';
import type { CompiledMaps } from '../compiled-maps.ts';
import type { Control } from '../control.ts';
import type { MemoryShare } from '../memory-share.ts';
import type { Meter } from '../meter.ts';
import type { Input, Output, Stateful } from '../operators/operator.ts';
import type { StateKeeper } from '../state-keeper.ts';
import type { Telemetry } from '../telemetry.ts';
import type { ExchangeGroup } from './exchange-group.ts';
import { ExchangeSender } from './exchange-sender.ts';
import { FedInput } from './fed-input.ts';
import { FedSender } from './fed-sender.ts';
import { numberIn } from './numbered-rows.ts';
import { OwnedInput } from './owned-input.ts';
import { Owner, type OwnerParts } from './owner.ts';
import type { Results } from './owner-results.ts';
import { ResultsGather } from './results-gather.ts';
import { ResultsMerge } from './results-merge.ts';

/** Sleep while this core only waits for others, ms. */
const PAUSE_MILLIS = 1;

export interface ExchangeParts {
  plan: ExchangePlan | FedPlan;
  /** The exchanges of this core, of which this is the next. */
  group: ExchangeGroup;
  link: CoreLink;
  control: Control;
  share: MemoryShare;
  meter: Meter;
  telemetry: Telemetry;
  batchRows: number;
  maps: CompiledMaps;
  /** Raises the error that an expression reported. */
  onFailure: (code: number, site: number) => never;
  /** Takes the results, on the first core; null on others. */
  output: Output | null;
  /** As in Waiting. */
  yield: (() => void) | null;
  /** Takes what this core keeps at a checkpoint, if it is not the first; null: nothing is kept. */
  give: ((share: TakenShare) => void) | null;
  /** What takes it; null: nothing is kept. */
  keeper: StateKeeper | null;
}

/** One of the inputs of an exchange, as this core feeds it. */
export interface ExchangePort {
  exchange: Exchange;
  input: ExchangeInput;
  sender: ExchangeSender;
  /** The split is read by core 0 alone, whose batches are chunks. */
  readsAlone: boolean;
  /** On the first core: the chunk at which a checkpoint is taken; null: none is. */
  barrier: number | null;
  /** What decoders say of all chunks before it has been heard. */
  isAtBarrier: boolean;
}

export class Exchange implements Waiting {
  readonly plan: ExchangePlan | FedPlan;
  readonly bell: Waiting['bell'];
  readonly yield: Waiting['yield'];
  readonly meter: Meter;
  /** Of the node's counters. */
  readonly place: number;
  /** Of an exchange of sources. */
  readonly ports: readonly ExchangePort[];
  /** On the first core, which feeds the exchange; null where sources do. */
  readonly sender: FedSender | null;
  readonly group: ExchangeGroup;
  /** Its place in the group. */
  readonly index: number;
  readonly owner: Owner;
  readonly results: Results | null;
  /** Inputs that have not ended, on the first core. */
  #openCount: number;
  readonly #control: Control;
  readonly #link: CoreLink;
  /** On the first core: the checkpoint for which barriers are on their way, 0 for none. */
  #checkpoint = 0;

  constructor(memory: LinearMemory, parts: ExchangeParts) {
    const { plan, group, link, control, meter, telemetry, batchRows, output } = parts;
    this.plan = plan;
    this.group = group;
    this.index = group.members.length;
    group.members.push(this);
    this.#link = link;
    this.bell = link.bell;
    this.yield = parts.yield;
    this.meter = meter;
    this.place = telemetry.placeOf(plan.node.id);
    this.#control = control;
    this.#openCount = plan.inputs.length;
    const isForeign = (error: unknown): boolean => error === group.failure;
    const isFirst = link.core === 0;
    const onBarrier: OwnerParts['onBarrier'] = isFirst
      ? null
      : (asked, operator, part) => this.#save({ asked, part }, operator, parts);
    const openInputs: OwnerParts['openInputs'] = (ports, results) => {
      const how = { node: plan.node.id, link, batchRows, results };
      if (isFed(plan)) return [new FedInput(memory, { ...how, inputs: plan.inputs, ports })];
      return plan.inputs.map((input, index) => {
        return new OwnedInput(memory, { ...how, input, index, port: ports[index] as Input });
      });
    };
    this.owner = new Owner(memory, { ...parts, waiting: this, place: this.place, isForeign, onBarrier, openInputs });
    const isUnwanted = (): boolean => this.owner.isDone;
    const isOneOfTwo = plan.inputs.length > 1;
    const sending = { node: plan.node.id, link, isOneOfTwo, waiting: this, isUnwanted, batchRows };
    this.sender = isFirst && isFed(plan) ? new FedSender(memory, { ...sending, plan, meter }) : null;
    const inputs = isFed(plan) ? [] : plan.inputs;
    const taking = { owner: this.owner, by: plan.by };
    this.ports = inputs.map((input, index) => ({
      exchange: this,
      input,
      sender: new ExchangeSender(memory, { ...sending, ...taking, input, index }),
      readsAlone: true,
      barrier: null,
      isAtBarrier: false,
    }));
    const { state } = this.owner;
    const feed = isFed(plan) ? link.feedOf(plan.node.id) : link.feed((inputs[0] as ExchangeInput).source.id);
    const how = output === null ? null : { plan, link, meter, batchRows, state, output, feed };
    if (how === null) this.results = null;
    else this.results = plan.order === null ? new ResultsGather(memory, how) : new ResultsMerge(memory, how);
  }

  /** Where the rows of a source go in; null: it is none of the inputs. */
  portOf(source: string): ExchangePort | null {
    return this.ports.find(({ input }) => input.source.id === source) ?? null;
  }

  /** An input has ended. @returns whether it was the last */
  endInput(): boolean {
    this.#openCount--;
    return this.#openCount === 0;
  }

  get core(): number {
    return this.#link.core;
  }

  get coreCount(): number {
    return this.#link.coreCount;
  }

  /** A checkpoint is being taken: the first core decodes nothing until then. */
  get isCutting(): boolean {
    return this.#checkpoint !== 0;
  }

  /**
   * On the first core, between two turns: has all cores take a checkpoint, of which this is `part` (BARRIER_*), unless they
   * are about to. @returns whether everything before it has been computed and passed on, and nothing behind it
   */
  cut(checkpoint: number, part: number): boolean {
    if (this.#checkpoint === 0) {
      this.#checkpoint = checkpoint;
      for (const port of this.ports) this.#cutInput(port, part);
      const before = this.group.enter(this.index);
      this.sender?.cut(checkpoint, part);
      this.group.floor = before;
    }
    return (
      this.owner.isHeld &&
      this.results?.isHeld === true &&
      this.ports.every(({ barrier, readsAlone, isAtBarrier }) => barrier === null || readsAlone || isAtBarrier)
    );
  }

  /** The checkpoint has been taken: goes on. */
  passBarrier(): void {
    this.#checkpoint = 0;
    this.owner.passBarrier();
    this.results?.passBarrier();
    for (const port of this.ports) {
      port.barrier = null;
      port.isAtBarrier = false;
    }
  }

  /** Brings this core's part to where a snapshot was taken, before it has done anything. */
  restore({ sources, operators }: Pick<Snapshot, 'sources' | 'operators'>): void {
    const { node } = this.plan;
    const states = operators.filter(({ id }) => id === node.id);
    const numbers = states.flatMap(({ blocks }) => blocks.map(({ bytes }) => numberIn(bytes)));
    const isNumbered = this.plan.arrival !== null && !isFed(this.plan);
    const first = !isNumbered ? 0 : (numbers.find((number) => number !== null) ?? 0);
    for (const { sender } of this.ports) sender.goOn(first);
    this.owner.restore(sources, states, first);
    if (this.core > 0) return;
    const isEnded = (id: string): boolean => sources.some((source) => source.id === id && source.isEnded);
    if (isFed(this.plan)) {
      for (const ids of this.plan.sources) if (ids.every(isEnded)) this.endInput();
      if (this.#openCount === 0) this.sender?.finish();
      return;
    }
    for (const { source } of this.plan.inputs) {
      if (!isEnded(source.id)) continue;
      this.#link.feed(source.id).setFinished();
      this.endInput();
    }
  }

  #cutInput(port: ExchangePort, part: number): void {
    const feed = this.#link.feed(port.input.source.id);
    // Who has ended has nothing behind the checkpoint.
    if (!feed.isFinished) port.barrier = port.sender.cut(feed, this.#checkpoint, part);
  }

  #save({ asked, part }: { asked: number; part: number }, operator: Stateful, { give, keeper }: ExchangeParts): void {
    if (give === null || keeper === null) return;
    killPoint('share', asked);
    const started = performance.now();
    const isFirst = (part & BARRIER_FIRST) !== 0;
    const isLast = (part & BARRIER_LAST) !== 0;
    // A copy is of one moment: parts that are taken one after another have their images made at once.
    if (isFirst) keeper.begin(isLast);
    const state = keeper.take(operator, this);
    const share = this.group.collect(asked, state, { isLast, millis: performance.now() - started });
    if (share !== null) give(share);
  }

  /** Something went wrong behind the exchange, on this core. */
  get hasFailed(): boolean {
    return this.group.failure !== null;
  }

  isOver(): boolean {
    return this.#control.isOver;
  }

  /** Does what has come for any exchange of this core. */
  work(): boolean {
    return this.group.work();
  }

  /** Does what has come for this one. */
  workOwn(): boolean {
    const before = this.group.enter(this.index);
    const hasOwned = this.owner.work();
    this.group.floor = before;
    return this.#workOnResults() || hasOwned;
  }

  #workOnResults(): boolean {
    try {
      return this.results?.work() ?? false;
    } catch (error) {
      this.group.failure = error;
      throw error;
    }
  }

  /** Whether results of chunks before this one have not come out. */
  isBehind(chunk: number): boolean {
    return this.results?.isBehind(chunk) === true;
  }

  /** On the first core, which feeds it: not all has come back of what was sent. */
  get isBehindOwners(): boolean {
    const { sender, results } = this;
    return sender !== null && results?.isDone === false && (sender.isAhead || results.isBehind(sender.next));
  }

  /** Lets the other cores go on, for a moment. */
  pause(): void {
    if (this.yield !== null) this.yield();
    else this.bell.sleep(this.bell.listen(), PAUSE_MILLIS);
  }

  close(): void {
    this.owner.operator.close();
  }
}

/** Whether core 0 feeds it. */
function isFed(plan: ExchangePlan | FedPlan): plan is FedPlan {
  return 'sources' in plan;
}
