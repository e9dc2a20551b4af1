// A row's life on one core: source.turn (read, decode, watermark) → operators → encoder → sink, one batch at a time.
//
// The loop takes one bounded turn per source after another, never awaits, and stops for three reasons: every source
// has ended, the main thread asked (sources stop, everything open is flushed), or enough rows were written. When no
// source has anything to give, waiting output is written and the core sleeps until there is input.

import { ClosedOutput } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';
import { waitReadable } from '../platform/poll.ts';
import type { Doorbell } from './channels/doorbell.ts';
import type { Control } from './control.ts';
import type { CoreClock } from './core-clock.ts';
import { CORE_MEMORY_BYTES, OPERATOR_KEYS, OPERATOR_LATE, OPERATOR_STATE_BYTES } from './counters.ts';
import type { HeapGuard } from './heap-guard.ts';
import type { MemoryShare } from './memory-share.ts';
import { type Meter, STAMP_CAUSE } from './meter.ts';
import type { Stateful } from './operators/operator.ts';
import type { Sink } from './operators/sink.ts';
import { isOutOfMemory, outOfMemory } from './out-of-memory.ts';
import type { RowLimit } from './row-limit.ts';
import type { RunSummary } from './run.ts';
import type { SourceTask } from './source-task.ts';
import type { Telemetry } from './telemetry.ts';

/** Longest sleep while waiting for input, ms: how soon a stop request is seen. */
const WAIT_MILLIS = 50;
/** Sleep of a source that is ahead of its own schedule, ms. */
const PACE_MILLIS = 1;
/** Looks at the other cores before going to sleep: some tens of µs, about as long as waking up takes. */
const SPIN_TURNS = 300;
/** Turns between two flushes of waiting output while input is plentiful: some tens of milliseconds. */
const FLUSH_TURNS = 64;

export interface CoreParts {
  memory: LinearMemory;
  sources: SourceTask[];
  operators: Stateful[];
  sinks: Sink[];
  control: Control;
  telemetry: Telemetry;
  meter: Meter;
  limit: RowLimit;
  share: MemoryShare;
  clock: CoreClock;
  /** Rung by other cores when they have something for this one; null: there are none. */
  bell: Doorbell | null;
  /** Keeps the wall clock for compiled code; null when nothing asks for it. */
  setClock: ((nowMillis: number) => void) | null;
  /** Closed at the end, after everything else. */
  closers: { close(): void }[];
}

export class Core {
  readonly parts: CoreParts;
  readonly #waitDescriptors: number[] = [];
  /** Operators that follow the clock. */
  readonly #timed: Stateful[];
  #turnCount = 0;
  /** The clock has moved since they were told. */
  #isTickDue = false;

  constructor(parts: CoreParts) {
    this.parts = parts;
    this.#timed = parts.operators.filter((operator) => operator.onTick !== undefined);
  }

  /**
   * Runs to the end. @returns why it ended. @throws LaminarError; what was computed before it has been written.
   * @param guard watches the heap from turn to turn; null: nobody asks.
   */
  run(guard: HeapGuard | null = null): RunSummary['reason'] {
    if (guard !== null) this.parts.meter.smallTurns = 1;
    try {
      return this.#loop(guard);
    } catch (thrown) {
      const { memory, operators, share } = this.parts;
      const error = isOutOfMemory(thrown, memory) ? outOfMemory(share, operators) : thrown;
      this.#finishSinks();
      if (error instanceof ClosedOutput) return 'closed';
      throw error;
    } finally {
      this.#close();
    }
  }

  /** One turn of every source. @returns whether any had something to do. */
  turn(): boolean {
    const isBusy = this.#turnSources();
    if (this.#timed.length > 0) this.#tick();
    this.#turnCount++;
    // While another core is about to give more, output waits too.
    this.parts.share.update();
    if (this.#turnCount % FLUSH_TURNS === 0 || (!isBusy && !this.#waitsForCore())) this.#report();
    return isBusy;
  }

  #turnSources(): boolean {
    let isBusy = false;
    // Rows are given a time that operators which follow the clock have not passed yet.
    if (this.parts.setClock !== null) this.#readClock();
    for (let i = 0; i < this.parts.sources.length; i++) {
      const source = this.parts.sources[i] as SourceTask;
      if (!source.isEnded && source.turn()) isBusy = true;
    }
    return isBusy;
  }

  #waitsForCore(): boolean {
    const { sources, bell } = this.parts;
    if (bell === null) return false;
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i] as SourceTask;
      if (!source.isEnded && source.waitsForCore) return true;
    }
    return false;
  }

  #loop(guard: HeapGuard | null): RunSummary['reason'] {
    const { sources, sinks, control, limit } = this.parts;
    for (;;) {
      const isBusy = this.turn();
      if (guard !== null) guard.afterTurns(1);
      if (limit.isReached) {
        this.#finishSinks();
        return 'limit';
      }
      if (sources.every(hasEnded)) return sources.some(isCut) ? 'limit' : 'end';
      // Every LIMIT has what it wants.
      if (sinks.every(hasFinished)) return 'limit';
      if (control.isStopping) {
        for (const source of sources) source.end();
        this.#report();
        return 'stopped';
      }
      if (!isBusy) this.#wait();
    }
  }

  /** Writes waiting output and updates the counters that are not kept per batch. */
  #report(): void {
    this.#flush();
    const { memory, operators, telemetry } = this.parts;
    for (let i = 0; i < operators.length; i++) {
      const operator = operators[i] as Stateful;
      const at = telemetry.placeOf(operator.id);
      telemetry.counters[at + OPERATOR_STATE_BYTES] = operator.stateBytes();
      if (operator.lateCount !== undefined) telemetry.counters[at + OPERATOR_LATE] = operator.lateCount();
      if (operator.keyCount !== undefined) telemetry.counters[at + OPERATOR_KEYS] = operator.keyCount();
      operator.reportTime?.(telemetry.counters, at);
    }
    telemetry.counters[CORE_MEMORY_BYTES] = memory.memory.buffer.byteLength;
  }

  #tick(): void {
    this.#readClock();
    if (!this.#isTickDue) return;
    this.#isTickDue = false;
    const { clock, meter, telemetry } = this.parts;
    for (let i = 0; i < this.#timed.length; i++) {
      const operator = this.#timed[i] as Stateful;
      meter.begin(telemetry.placeOf(operator.id));
      meter.look(STAMP_CAUSE);
      operator.onTick?.(clock.millis);
      meter.end();
    }
  }

  /** Lets operators and compiled code see the clock. */
  #readClock(): void {
    const { clock, setClock } = this.parts;
    if (!clock.look()) return;
    this.#isTickDue = true;
    if (setClock !== null) setClock(clock.millis);
  }

  #flush(): void {
    for (let i = 0; i < this.parts.sinks.length; i++) (this.parts.sinks[i] as Sink).flush();
  }

  /** Writes what there is to every sink whose reader is still there. */
  #finishSinks(): void {
    for (const sink of this.parts.sinks) {
      try {
        sink.finish();
      } catch (error) {
        if (!(error instanceof ClosedOutput)) throw error;
      }
    }
  }

  #wait(): void {
    if (this.#waitsForCore()) this.#waitForCore();
    else this.#waitForInput();
  }

  /** Another core is decoding what comes next: soon there, so sleep only after a while. */
  #waitForCore(): void {
    const { meter, sources } = this.parts;
    meter.spin();
    for (let spin = 0; spin < SPIN_TURNS; spin++) {
      if (!this.#turnSources()) continue;
      meter.work();
      return;
    }
    const bell = this.parts.bell as Doorbell;
    const heard = bell.listen();
    if (this.#turnSources()) {
      bell.ignore();
      meter.work();
      return;
    }
    this.#report();
    meter.sleep();
    bell.sleep(heard, sources.length > 1 ? PACE_MILLIS : WAIT_MILLIS);
    meter.work();
  }

  #waitForInput(): void {
    const descriptors = this.#waitDescriptors;
    descriptors.length = 0;
    let isPaced = false;
    for (const source of this.parts.sources) {
      if (!source.isEnded && source.addWaitDescriptors(descriptors)) isPaced = true;
    }
    const { control, meter } = this.parts;
    meter.sleep();
    if (descriptors.length === 0) control.sleep(PACE_MILLIS);
    else waitReadable(descriptors, isPaced ? PACE_MILLIS : WAIT_MILLIS);
    meter.work();
  }

  #close(): void {
    const { sources, operators, sinks, closers, meter } = this.parts;
    for (const part of [...sources, ...operators, ...sinks, ...closers]) part.close();
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
