// Runs a pipeline on several cores within the test's own thread: who takes the next turn is drawn by a seed, so every
// interleaving that threads could have can be had, and had again.

import { MessageChannel } from 'node:worker_threads';
import {
  ClosedOutput,
  READ_END,
  READ_NOTHING,
  type Sharing,
  type SplitReader,
} from '../../src/connectors/connector.ts';
import * as registry from '../../src/connectors/registry.ts';
import type { LinearMemory } from '../../src/data/memory.ts';
import { exchangeableOf, fedJoinsOf } from '../../src/plan/fed-exchange.ts';
import type { PhysicalPlan } from '../../src/plan/physical-plan.ts';
import { loadKernelModule } from '../../src/platform/resources.ts';
import { buildFeeders, type FeederContext } from '../../src/runtime/build-feeders.ts';
import type { LinkRequest } from '../../src/runtime/channels/core-link.ts';
import { SharedLayout } from '../../src/runtime/channels/shared-layout.ts';
import type { Endpoints } from '../../src/runtime/core-context.ts';
import type { Feeders } from '../../src/runtime/run-feeders.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { type PipelineInput, type PipelineResult, preparePipeline, textsOf } from './pipeline.ts';
import { createRandom, type Random } from './random.ts';

export interface CoresInput
  extends Pick<
    PipelineInput,
    'text' | 'batchRows' | 'turnMicros' | 'now' | 'notify' | 'openTable' | 'variables' | 'durable' | 'taps'
  > {
  /** The splits of each source, by name: `*` stands for those that read STDIN. Others open what they say. */
  inputs: Record<string, Splits>;
  cores: number;
  chunkBytes: number;
  sharing: Sharing;
  seed: number;
  /** Rows that go to a sink at once are encoded where they are decoded; true when left out. */
  encodes?: boolean;
  /** Bytes of the rings of an exchange; none when left out. */
  exchangeBytes?: number;
}

/** Bytes by the name of their split. */
export type Splits = Record<string, Uint8Array>;

const FED_BYTES_MIN = 1 << 20;

/** Turns of a core that is slowed: one of so many that it would have. */
const SLOWNESS = 20;

export interface CoresResult extends PipelineResult {
  /** Chunks that other cores than the first decoded. */
  helped: number;
}

export async function runOnCores(given: CoresInput): Promise<CoresResult> {
  const cores = await openCores(given);
  const { core, plan, outputs, telemetry, others } = cores;
  let error: Error | null = null;
  try {
    const { sinks } = core.parts;
    while (!core.hasEnded && !sinks.every(({ isFinished }) => isFinished)) cores.turn();
    // With nothing to do it reports.
    if (core.hasEnded) core.turn();
  } catch (e) {
    error = e as Error;
    for (const sink of core.parts.sinks) sink.finish(error instanceof ClosedOutput);
  }
  for (const { exchanges, meter } of others) exchanges.report(meter.counters);
  const texts = textsOf(outputs);
  return {
    plan,
    outputs: texts,
    output: Object.values(texts)[0] ?? '',
    progress: telemetry.progress(0),
    error,
    helped: cores.helped(),
  };
}

/** The cores of a run that has not begun: `turn` gives one of them its turn. */
export async function openCores(given: CoresInput & { shares?: FeederContext['durable'] }) {
  const random = createRandom(given.seed);
  const positions = new Map<string, number>();
  const openSource: Endpoints['openSource'] = (spec, context) => {
    const { name } = context.node;
    const splits = given.inputs[name] ?? (spec.kind === 'stdin' ? given.inputs['*'] : undefined);
    if (splits === undefined) return registry.openSource(spec, context);
    return Object.entries(splits).map(
      ([split, bytes]) => new SharedBytes(split, bytes, { given, positions, random, key: `${name}/${split}` }),
    );
  };
  let request: LinkRequest | null = null;
  const link = (plan: PhysicalPlan): LinkRequest => {
    request = linkOf(plan, given);
    return request;
  };
  const { cores: coreCount, inputs: _, shares = null, ...pipeline } = given;
  const channels = Array.from({ length: coreCount - 1 }, () => new MessageChannel());
  const tables = channels.map(({ port1 }) => port1);
  const prepared = await preparePipeline({ ...pipeline, openSource, link, tables, yieldToOthers: () => yieldTo(0) });
  const { core, plan, telemetry, taps, control } = prepared;
  const others: Feeders[] = [];
  /** Cores that wait within each other's turns: one turn each, so that none begins within itself. */
  const waiting = new Set<number>();
  let helped = 0;
  function turnOf(number: number): boolean {
    if (waiting.has(number)) return false;
    if (number === 0) {
      const hasWorked = core.turn();
      // As the core's own loop does: others may be waiting for room that there is once the checkpoint has been taken.
      if (core.parts.exchanges.isCutting) core.checkpoint();
      return hasWorked;
    }
    const { feeders, exchanges, taps: tapped } = others[number - 1] as Feeders;
    tapped?.run();
    exchanges.tick(given.now?.() ?? Date.now());
    const hasWorked = exchanges.work();
    const isOver = exchanges.takesSources && exchanges.isDone;
    const hasFed = !isOver && feeders.some((feeder) => feeder.turn() > 0);
    if (hasFed) helped++;
    return hasWorked || hasFed;
  }
  function yieldTo(from: number): void {
    waiting.add(from);
    for (let number = 0; number < coreCount; number++) {
      if (!waiting.has(number) && turnOf(number)) break;
      if (number === 0) for (const operator of core.parts.operators) operator.onTick?.(0);
      else others[number - 1]?.exchanges.work();
    }
    waiting.delete(from);
  }
  for (let number = 1; number < coreCount; number++) {
    const built = await buildFeeders(plan, {
      kernels: loadKernelModule(),
      telemetry: new Telemetry(plan, { buffer: telemetry.buffer, core: number }),
      control,
      taps: taps.open(),
      tables: channels[number - 1]?.port2 ?? null,
      encodes: given.encodes ?? true,
      yield: () => yieldTo(number),
      link: { ...(request as unknown as LinkRequest), core: number },
      durable: shares,
      endpoints: { openSource, openSink: () => Promise.reject() as never },
    });
    others.push(built);
  }
  // None of them, or one, is slowed.
  const slow = random.below(coreCount + 1);
  const turn = (): void => {
    const number = random.below(coreCount);
    if (number !== slow || random.below(SLOWNESS) === 0) turnOf(number);
  };
  return { ...prepared, others, turn, helped: () => helped };
}

/** How the first of so many cores finds the others. */
export function linkOf(plan: PhysicalPlan, { cores, chunkBytes, exchangeBytes = 0 }: CoresInput): LinkRequest {
  const exchanged = exchangeBytes === 0 || cores === 1 ? [] : exchangeableOf(plan);
  // One thread for all cannot let a core go on that waits below another: between joins in a row none is to wait for room.
  const least = fedJoinsOf(plan).length > 0 ? FED_BYTES_MIN : 0;
  const bytes = exchanged.length === 0 ? 0 : Math.max(exchangeBytes, least);
  return {
    core: 0,
    coreCount: cores,
    shared: new SharedLayout(plan, cores, bytes, exchanged).allocate(),
    chunkBytes,
    startedMillis: Date.now(),
    exchangeBytes: bytes,
    exchanged,
    delays: 0,
    pumps: true,
  };
}

interface SharedParts {
  given: CoresInput;
  positions: Map<string, number>;
  random: Random;
  /** Of its position among those. */
  key: string;
}

/** Bytes that several cores read: at any offset, or in turns, a random number of bytes at once. */
class SharedBytes implements SplitReader {
  readonly name: string;
  readonly sizeBytes: number;
  readonly waitDescriptor = null;
  consumedBytes = 0;
  readonly #bytes: Uint8Array;
  readonly #shared: SharedParts;

  constructor(name: string, bytes: Uint8Array, shared: SharedParts) {
    this.name = name;
    this.#bytes = bytes;
    this.sizeBytes = bytes.length;
    this.#shared = shared;
  }

  sharing(): Sharing {
    return this.#shared.given.sharing;
  }

  read(memory: LinearMemory, address: number, bytes: number): number {
    const { positions, random, key } = this.#shared;
    const position = positions.get(key) ?? 0;
    if (position < this.#bytes.length && random.below(5) === 0) return READ_NOTHING;
    const count = this.readAt(memory, address, bytes, position);
    if (count > 0) positions.set(key, position + count);
    this.consumedBytes = positions.get(key) ?? 0;
    return count;
  }

  readAt(memory: LinearMemory, address: number, bytes: number, offset: number): number {
    const left = this.#bytes.length - offset;
    if (left <= 0) return READ_END;
    const count = Math.min(left, 1 + this.#shared.random.below(bytes));
    memory.u8.set(this.#bytes.subarray(offset, offset + count), address);
    return count;
  }

  close(): void {}
}
