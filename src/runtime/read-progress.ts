// From the counters of all cores to what people and programs are shown (run.ts).

import type { PlanNode } from '../plan/physical-plan.ts';
import { remoteTableOf } from '../plan/remote-table.ts';
import * as counter from './counters.ts';
import { readLatency } from './latency.ts';
import { severityOf } from './row-budgets.ts';
import type {
  CacheCounters,
  CoreCounters,
  NodeBudget,
  NodeWork,
  OperatorCounters,
  RunProgress,
  SinkCounters,
  SourceCounters,
} from './run.ts';
import { lagOf, readSplits, stateOfSplits } from './split-counters.ts';
import type { Telemetry } from './telemetry.ts';

/** Reads every counter. */
export function readProgress(telemetry: Telemetry, elapsedMillis: number): RunProgress {
  const reader = new ProgressReader(telemetry, elapsedMillis);
  const { nodes } = telemetry.plan;
  return {
    elapsedMillis,
    checkpoints: null,
    sources: nodes.flatMap((node) => (node.kind === 'source' ? [reader.source(node)] : [])),
    operators: nodes.flatMap((node) => (isOperator(node) ? [reader.operator(node)] : [])),
    sinks: nodes.flatMap((node) => (node.kind === 'sink' ? [reader.sink(node)] : [])),
    cores: telemetry.blocks.map((block, core) => readCore(block, core, performance.now() + telemetry.stampOffset)),
  };
}

/** A late node is an output of its aggregate, not an operator of its own. */
function isOperator(node: PlanNode): boolean {
  return node.kind !== 'source' && node.kind !== 'sink' && node.kind !== 'late';
}

class ProgressReader {
  readonly #telemetry: Telemetry;
  readonly #elapsedMillis: number;
  readonly #now = Date.now();
  /** On the clock of the cores. */
  readonly #stamp: number;

  constructor(telemetry: Telemetry, elapsedMillis: number) {
    this.#telemetry = telemetry;
    this.#elapsedMillis = elapsedMillis;
    this.#stamp = performance.now() + telemetry.stampOffset;
  }

  source(node: PlanNode & { kind: 'source' }): SourceCounters {
    const sum = (index: number): number => this.#sum(node, index);
    const size = this.#greatest(node, counter.SOURCE_SIZE);
    const watermark = this.#least(node, counter.SOURCE_WATERMARK);
    const opened = this.#telemetry.splits.get(node.id);
    const splits = opened === undefined ? [] : readSplits(opened, this.#now);
    const rows = sum(counter.SOURCE_ROWS);
    return {
      name: node.name,
      ...this.#work(node, rows),
      rows,
      bytes: sum(counter.SOURCE_BYTES),
      sizeBytes: size < 0 ? null : size,
      rejected: sum(counter.SOURCE_REJECTED),
      nulled: sum(counter.SOURCE_NULLED),
      future: sum(counter.SOURCE_FUTURE),
      watermark,
      lagMillis: lagOf(watermark ?? Number.NaN, this.#now),
      state: this.#greatest(node, counter.SOURCE_IS_PAUSED) === 1 ? 'paused' : stateOfSplits(splits),
      ahead: sum(counter.SOURCE_AHEAD),
      dropped: sum(counter.SOURCE_DROPPED),
      splits,
    };
  }

  operator(node: PlanNode): OperatorCounters {
    const rowsIn = this.#rowsInto(node);
    const keys = this.#greatest(node, counter.OPERATOR_KEYS);
    const start = this.#least(node, counter.OPERATOR_OPEN_START);
    const end = this.#least(node, counter.OPERATOR_OPEN_END);
    return {
      ...this.#work(node, rowsIn),
      kind: node.kind,
      rowsIn,
      late: this.#sum(node, counter.OPERATOR_LATE),
      stateBytes: this.#sum(node, counter.OPERATOR_STATE_BYTES),
      keys: keys < 0 ? null : this.#sumOfKnown(node, counter.OPERATOR_KEYS),
      watermark: this.#least(node, counter.OPERATOR_WATERMARK),
      openWindow: start === null || end === null ? null : { start, end },
      cache: remoteTableOf(this.#telemetry.plan, node) === null ? null : this.#cache(node),
    };
  }

  #cache(node: PlanNode): CacheCounters {
    const sum = (index: number) => this.#sum(node, index);
    return {
      hits: sum(counter.LOOKUP_HITS),
      waited: sum(counter.LOOKUP_WAITED),
      waiting: sum(counter.LOOKUP_WAITING),
      asked: sum(counter.LOOKUP_ASKED),
      questions: sum(counter.LOOKUP_QUESTIONS),
      asking: sum(counter.LOOKUP_ASKING),
      answerMillis: sum(counter.LOOKUP_ANSWER_MILLIS),
    };
  }

  sink(node: PlanNode & { kind: 'sink' }): SinkCounters {
    const rowsIn = this.#rowsInto(node);
    const { blocks } = this.#telemetry;
    const written = this.#greatestKnown(node, counter.SINK_WRITTEN);
    return {
      name: node.name,
      ...this.#work(node, rowsIn),
      rowsIn,
      rows: this.#sum(node, counter.SINK_ROWS),
      bytes: this.#sum(node, counter.SINK_BYTES),
      silentMillis: written === null ? null : Math.max(0, this.#stamp - written),
      latency: readLatency(blocks, this.#telemetry.placeOf(node.id) + counter.SINK_LATENCY),
    };
  }

  #work(node: PlanNode, rows: number): NodeWork {
    const nanos = this.#sum(node, counter.NODE_NANOS);
    const busyMillis = nanos / 1e6;
    return {
      id: node.id,
      rowsOut: node.kind === 'sink' ? 0 : this.#sum(node, counter.NODE_ROWS_OUT),
      busyMillis,
      busyShare: this.#elapsedMillis === 0 ? 0 : busyMillis / this.#elapsedMillis,
      nanosPerRow: rows === 0 ? null : nanos / rows,
      ...this.#budget(node),
    };
  }

  #budget(node: PlanNode): NodeBudget {
    const { rowNanos } = this.#telemetry.plan;
    const overruns = this.#sum(node, counter.NODE_OVERRUNS);
    const overrunsPerSecondMax = this.#sum(node, counter.NODE_OVERRUN_PEAK);
    return {
      nanosBudget: rowNanos === 0 || node.kind === 'source' ? null : rowNanos,
      overruns,
      overrunsPerSecond: this.#sum(node, counter.NODE_OVERRUN_RATE),
      overrunsPerSecondMax,
      severity: overruns === 0 ? null : severityOf(overrunsPerSecondMax),
    };
  }

  /** What comes out of a node's inputs goes into it. */
  #rowsInto(node: PlanNode): number {
    const { plan } = this.#telemetry;
    return node.inputs.reduce((rows, id) => {
      const input = plan.nodes.find((other) => other.id === id);
      return input === undefined ? rows : rows + this.#sum(input, counter.NODE_ROWS_OUT);
    }, 0);
  }

  #values(node: PlanNode, index: number): number[] {
    const place = this.#telemetry.placeOf(node.id) + index;
    return this.#telemetry.blocks.map((block) => block[place] as number);
  }

  #sum(node: PlanNode, index: number): number {
    return this.#values(node, index).reduce((sum, value) => sum + value, 0);
  }

  #sumOfKnown(node: PlanNode, index: number): number {
    return this.#values(node, index).reduce((sum, value) => sum + Math.max(value, 0), 0);
  }

  #greatest(node: PlanNode, index: number): number {
    return Math.max(...this.#values(node, index));
  }

  #greatestKnown(node: PlanNode, index: number): number | null {
    const known = this.#values(node, index).filter((value) => !Number.isNaN(value));
    return known.length === 0 ? null : Math.max(...known);
  }

  /** Of a time that is NaN where there is none. */
  #least(node: PlanNode, index: number): number | null {
    const known = this.#values(node, index).filter((value) => !Number.isNaN(value));
    return known.length === 0 ? null : Math.min(...known);
  }
}

const STATES: Record<number, CoreCounters['state']> = {
  [counter.CORE_ABSENT]: 'absent',
  [counter.CORE_BUSY]: 'busy',
  [counter.CORE_SPINNING]: 'spinning',
  [counter.CORE_SLEEPING]: 'sleeping',
  [counter.CORE_ENDED]: 'ended',
};

/** Without what only the main thread knows: its rings, where it runs, and how long checkpoints took it. */
function readCore(block: Float64Array, core: number, now: number): CoreCounters {
  const read = (index: number): number => block[index] as number;
  const state = STATES[read(counter.CORE_STATE)] ?? 'absent';
  const lasting = Math.max(0, now - read(counter.CORE_SINCE));
  const millis = (of: CoreCounters['state'], index: number): number => read(index) + (state === of ? lasting : 0);
  return {
    core,
    state,
    busyMillis: millis('busy', counter.CORE_BUSY_MILLIS),
    spinMillis: millis('spinning', counter.CORE_SPIN_MILLIS),
    sleepMillis: millis('sleeping', counter.CORE_SLEEP_MILLIS),
    turns: read(counter.CORE_TURNS),
    sleeps: read(counter.CORE_SLEEPS),
    rows: read(counter.CORE_ROWS),
    memoryBytes: read(counter.CORE_MEMORY_BYTES),
    rings: [],
    cpus: [],
    node: null,
    pauseMillis: null,
  };
}
