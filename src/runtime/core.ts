// A row's life on one core: source.turn (read, decode, watermark) → operators → encoder → sink, one batch at a time.
//
// The loop takes one bounded turn after another (urgency.ts), never awaits, and stops for three reasons: every source
// has ended, the main thread asked (sources stop, everything open is flushed), or enough rows were written. When no
// source has anything to give, waiting output is written and the core sleeps until there is input.

import { ClosedOutput } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';
import { waitReadable } from '../platform/poll.ts';
import type { BlockRoom } from '../state/block-room.ts';
import type { SharedCopy } from '../state/memory-copy.ts';
import type { Snapshot } from '../state/snapshot.ts';
import type { Doorbell } from './channels/doorbell.ts';
import { Checkpointer, type TakenSnapshot } from './checkpointer.ts';
import type { Control } from './control.ts';
import type { CoreClock } from './core-clock.ts';
import { CoreReports } from './core-reports.ts';
import { CoreTimers } from './core-timers.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { ExchangeGroup } from './exchange/exchange-group.ts';
import type { HeapGuard } from './heap-guard.ts';
import type { LogRequest } from './logged-reader.ts';
import type { LookupSource } from './lookup-source.ts';
import type { RemoteLookups } from './lookups/remote-lookups.ts';
import type { MemoryShare } from './memory-share.ts';
import type { Meter } from './meter.ts';
import type { Stateful } from './operators/operator.ts';
import type { Sink } from './operators/sink.ts';
import { isOutOfMemory, outOfMemory } from './out-of-memory.ts';
import type { ReadOrder } from './read-order.ts';
import type { RowLimit } from './row-limit.ts';
import type { RunSummary } from './run.ts';
import type { SourceTask } from './source-task.ts';
import { keeperOf } from './state-keeper.ts';
import type { Telemetry } from './telemetry.ts';
import type { Turn } from './turn.ts';
import { type Task, Urgency } from './urgency.ts';

/** Longest sleep while waiting for input, ms: how soon a stop request is seen. */
const WAIT_MILLIS = 50;
/** Sleep of a source that is ahead of its own schedule, ms. */
const PACE_MILLIS = 1;
/** Looks at the other cores before going to sleep: some tens of µs, about as long as waking up takes. */
const SPIN_TURNS = 300;

export interface CoreParts {
  memory: LinearMemory;
  sources: SourceTask[];
  order: ReadOrder;
  /** Sources of lookup tables: read before the others. */
  tables: LookupSource[];
  /** Lookups whose tables are elsewhere. */
  remotes: RemoteLookups;
  operators: Stateful[];
  sinks: Sink[];
  control: Control;
  turn: Turn;
  telemetry: Telemetry;
  meter: Meter;
  limit: RowLimit;
  share: MemoryShare;
  clock: CoreClock;
  /** Rung by other cores when they have something for this one; null: there are none. */
  bell: Doorbell | null;
  /** Attached and detached between two turns; null: nobody asks for any. */
  taps: Task | null;
  /** Keeps the wall clock for compiled code; null when nothing asks for it. */
  setClock: ((nowMillis: number) => void) | null;
  /** Sleeps now and then, in a test; null: never. */
  delay: (() => void) | null;
  deadLetters: DeadLetters[];
  /** What all cores compute together. */
  exchanges: ExchangeGroup;
  /** What keeps this run's state; null: nothing does. */
  durable: DurableParts | null;
}

export interface DurableParts {
  /** Takes what a checkpoint holds, when one was asked for, and at the end. */
  give: (taken: TakenSnapshot) => void;
  /** Where an earlier run was; null: there was none, or it has been restored. */
  restored: Snapshot | null;
  /** Where the blocks of checkpoints go, and those of `restored` are; without it they are somewhere in memory. */
  room?: BlockRoom;
  /** Where a copy of the core's memory goes, where its state is much; without it images are made at once. */
  copy?: SharedCopy;
  /** What sources are read through that cannot be read a second time, by their ids; null: there are none. */
  logs: Readonly<Record<string, LogRequest>> | null;
}

export class Core {
  readonly parts: CoreParts;
  readonly #waitDescriptors: number[] = [];
  readonly #reports: CoreReports;
  readonly #urgency: Urgency;
  /** null: the run keeps nothing beyond its end. */
  readonly #checkpoints: Checkpointer | null;
  /** The sources are being ended before their input is. */
  #isStopping = false;

  constructor(parts: CoreParts) {
    this.parts = parts;
    this.#reports = new CoreReports(parts);
    const { order } = parts;
    const readers = parts.sources.map((source, index) => ({
      run: () => !source.isEnded && !this.#isStopping && !this.#isHeld(source) && order.turn(index),
    }));
    const tables = parts.tables.map((table) => ({ run: () => !this.#isStopping && table.run() }));
    const taps = parts.taps === null ? [] : [parts.taps];
    const { exchanges } = parts;
    const timers = new CoreTimers(parts);
    // What a tick lets out would come behind a checkpoint that is being taken.
    const clock = { run: () => !exchanges.isCutting && timers.run() };
    const latency = [this.#reports.onRequest, ...taps, clock];
    const owned = exchanges.members.length === 0 ? [] : [{ run: () => exchanges.work() }];
    this.#urgency = new Urgency(
      { latency, main: [...owned, parts.remotes, ...tables, ...readers], background: [this.#reports] },
      parts,
    );
    const { durable } = parts;
    this.#checkpoints =
      durable === null ? null : new Checkpointer(parts, keeperOf(parts.share.memory, durable), durable.give);
    if (durable !== null && durable.restored !== null) this.#checkpoints?.restore(durable.restored);
    // Its blocks would stay as long as the core does.
    if (durable !== null) durable.restored = null;
  }

  /**
   * Runs to the end. @returns why it ended. @throws LaminarError; what was computed before it has been written.
   * @param guard watches the heap from turn to turn; null: nobody asks.
   */
  run(guard: HeapGuard | null = null): RunSummary['reason'] {
    if (guard !== null) this.parts.meter.warm();
    try {
      return this.#loop(guard);
    } catch (thrown) {
      const { memory, operators, share } = this.parts;
      const error = isOutOfMemory(thrown, memory) ? outOfMemory(share, operators) : thrown;
      const isClosed = error instanceof ClosedOutput;
      this.#finishSinks(isClosed);
      if (isClosed) return 'closed';
      throw error;
    } finally {
      this.#close();
    }
  }

  /** One turn: what is urgent, data, what can wait. @returns whether there was data. */
  turn(): boolean {
    this.#urgency.runLatency();
    const isBusy = this.#urgency.runMain();
    this.parts.share.update();
    // While another core is about to give more, output waits too.
    this.#urgency.runBackground(!isBusy && !this.#waitsForCore());
    return isBusy;
  }

  /** Between two turns: takes the checkpoint that is wanted, if one is. @returns whether. */
  checkpoint(): boolean {
    return this.#checkpoints?.turn() === true;
  }

  /** Nothing comes any more: every source has ended, and all that this caused has been passed on. */
  get hasEnded(): boolean {
    const { turn, sources, remotes } = this.parts;
    return !turn.hasPending && sources.every(hasEnded) && !remotes.isWaiting;
  }

  #loop(guard: HeapGuard | null): RunSummary['reason'] {
    const { sinks, control, limit, remotes } = this.parts;
    for (;;) {
      this.parts.delay?.();
      const isBusy = this.turn();
      if (guard !== null) guard.afterTurns(1);
      if (limit.isReached) {
        this.#finishSinks(true);
        return 'limit';
      }
      if (this.hasEnded) return this.#ending();
      // Every LIMIT has what it wants.
      if (sinks.every(hasFinished)) return this.#complete('limit');
      // What is open stays open: the next run goes on with it.
      if (this.checkpoint() && control.stopsAtCheckpoint) return 'stopped';
      if (!control.isStopping) {
        if (!isBusy) this.#wait(guard);
        continue;
      }
      this.#stop();
      if (!isBusy) remotes.wait(PACE_MILLIS);
    }
  }

  #ending(): RunSummary['reason'] {
    this.#reports.run();
    if (this.#isStopping) return 'stopped';
    return this.#complete(this.parts.sources.some(isCut) ? 'limit' : 'end');
  }

  /** There is nothing to go on with. */
  #complete(reason: RunSummary['reason']): RunSummary['reason'] {
    this.#checkpoints?.finish();
    return reason;
  }

  /** Ends the sources, one after another as what they cause is passed on. */
  #stop(): void {
    const { sources, turn } = this.parts;
    this.#isStopping = true;
    if (turn.hasPending) return;
    turn.begin();
    for (const source of sources) {
      source.end();
      if (turn.hasPending) return;
    }
  }

  /** What this core reads alone waits while all cores come to a checkpoint. */
  #isHeld({ node }: SourceTask): boolean {
    const { exchanges } = this.parts;
    return exchanges.isCuttingFed || (exchanges.isCutting && exchanges.portOf(node.id)?.readsAlone === true);
  }

  #waitsForCore(): boolean {
    const { sources, bell, exchanges } = this.parts;
    if (bell === null) return false;
    if (exchanges.isCutting || exchanges.isBehind) return true;
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i] as SourceTask;
      if (!source.isEnded && source.waitsForCore) return true;
    }
    return false;
  }

  /** Writes what there is to every sink whose reader is still there. */
  #finishSinks(isWhole: boolean): void {
    for (const sink of this.parts.sinks) {
      try {
        sink.finish(isWhole);
      } catch (error) {
        if (!(error instanceof ClosedOutput)) throw error;
      }
    }
  }

  #wait(guard: HeapGuard | null): void {
    guard?.pause();
    if (this.#waitsForCore()) this.#waitForCore();
    else this.#waitForInput();
    guard?.resume();
  }

  /** Another core is decoding what comes next: soon there, so sleep only after a while. */
  #waitForCore(): void {
    const { meter, sources } = this.parts;
    meter.spin();
    for (let spin = 0; spin < SPIN_TURNS; spin++) {
      if (!this.#urgency.runMain()) continue;
      meter.work();
      return;
    }
    const bell = this.parts.bell as Doorbell;
    const heard = bell.listen();
    if (this.#urgency.runMain()) {
      bell.ignore();
      meter.work();
      return;
    }
    this.#reports.run();
    meter.sleep();
    bell.sleep(heard, sources.length > 1 || this.parts.remotes.isWaiting ? PACE_MILLIS : WAIT_MILLIS);
    meter.work();
  }

  #waitForInput(): void {
    const descriptors = this.#waitDescriptors;
    descriptors.length = 0;
    let isPaced = false;
    for (const source of this.parts.sources) {
      if (!source.isEnded && source.addWaitDescriptors(descriptors)) isPaced = true;
    }
    const { control, meter, remotes } = this.parts;
    meter.sleep();
    if (descriptors.length === 0 && remotes.isWaiting) remotes.wait(PACE_MILLIS);
    else if (descriptors.length === 0) control.sleep(PACE_MILLIS);
    else this.#waitReadable(descriptors, isPaced ? PACE_MILLIS : WAIT_MILLIS);
    meter.work();
  }

  /** A request of the main thread ends the wait, too. */
  #waitReadable(descriptors: number[], millis: number): void {
    const { control } = this.parts;
    const { wakeDescriptor } = control;
    if (wakeDescriptor >= 0) descriptors.push(wakeDescriptor);
    waitReadable(descriptors, millis);
    control.clearWake();
  }

  #close(): void {
    const { sources, tables, operators, sinks, deadLetters, meter } = this.parts;
    for (const part of [...sources, ...tables, ...operators, ...sinks, ...deadLetters]) part.close();
    meter.finish();
  }
}

function hasEnded(source: SourceTask): boolean {
  return source.isEnded;
}

function isCut(source: SourceTask): boolean {
  return source.isCut;
}

function hasFinished(sink: Sink): boolean {
  return sink.isFinished;
}
