// Runs a pipeline inside the test's own thread over bytes in memory: the whole product except the operating system.
//
// Every source that reads STDIN gets the bytes given for it, cut at the sizes `cut` gives; every sink that writes
// STDOUT collects its bytes. Other connectors are the real ones.

import { createHash } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import { assert } from '../../src/base/assert.ts';
import { type ByteWriter, READ_END, type SplitReader } from '../../src/connectors/connector.ts';
import * as registry from '../../src/connectors/registry.ts';
import type { LinearMemory } from '../../src/data/memory.ts';
import type { PhysicalPlan } from '../../src/plan/physical-plan.ts';
import { loadKernelModule } from '../../src/platform/resources.ts';
import { buildCore } from '../../src/runtime/build.ts';
import type { LinkRequest } from '../../src/runtime/channels/core-link.ts';
import { Control } from '../../src/runtime/control.ts';
import type { Core, DurableParts } from '../../src/runtime/core.ts';
import type { Endpoints } from '../../src/runtime/core-context.ts';
import type { RunOptions, RunProgress } from '../../src/runtime/run.ts';
import { type RunningTap, RunTaps } from '../../src/runtime/taps/run-taps.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { compilePipeline } from '../../src/sql/compile.ts';
import { compileTap } from '../../src/sql/tap.ts';
import type { CoresInput } from './cores.ts';
import { SEED } from './random.ts';

export interface PipelineInput {
  text: string;
  /** Bytes by source name, whatever it reads; a string goes to those that read STDIN. */
  input?: string | Uint8Array | Record<string, string | Uint8Array>;
  batchRows?: number;
  /** Instead of `SET budget_turn`: 1 suspends whatever can be, after each batch. */
  turnMicros?: number;
  /** Size of the next read; the whole buffer when left out. */
  cut?: () => number;
  options?: Partial<RunOptions>;
  /** Splits by source name, instead of what the source would open. */
  readers?: Record<string, () => SplitReader[]>;
  /** Instead of opening what a source says. */
  openSource?: Endpoints['openSource'];
  /** Instead of opening what a sink says; null: as it says. */
  openSink?: (name: string) => ByteWriter | null;
  /** Instead of the table that a lookup asks. */
  openTable?: Endpoints['openTable'];
  /** The other cores, once the plan is known. */
  link?: (plan: PhysicalPlan) => LinkRequest | null;
  /** By which they are given lookup tables. */
  tables?: MessagePort[];
  /** With several cores in one thread: lets the others go on. */
  yieldToOthers?: () => void;
  /** The wall clock in ms. */
  now?: () => number;
  /** Asked for before the run begins. */
  taps?: TapWish[];
  /** Takes what a user would be told during the run. */
  notify?: (text: string) => void;
  durable?: DurableParts;
  /** It looks at what a single core does. */
  isOnOneCore?: true;
  /** For `${NAME}`. */
  variables?: Record<string, string>;
}

/** A tap, and where its rows go. */
export interface TapWish {
  view: string;
  where?: string;
  format?: 'json' | 'csv';
  rowsMax?: number;
  /** Attached by `preparePipeline`, to be read when the run is over, or between turns. */
  tap?: RunningTap;
}

export interface PipelineResult {
  plan: PhysicalPlan;
  /** Output by sink name. */
  outputs: Record<string, string>;
  /** The output of the only sink. */
  output: string;
  progress: RunProgress;
  /** The error that ended the run. */
  error: Error | null;
}

let kernels: WebAssembly.Module | undefined;

/** Compiles and runs to the end. Compile errors are thrown; an error of the run is in the result. */
export async function runPipeline(given: PipelineInput): Promise<PipelineResult> {
  const several = coresFor(given);
  if (several !== null) return (await import('./cores.ts')).runOnCores(several);
  const { core, plan, outputs, telemetry } = await preparePipeline(given);
  let error: Error | null = null;
  try {
    core.run();
  } catch (e) {
    error = e as Error;
  }
  const texts = textsOf(outputs);
  return { plan, outputs: texts, output: Object.values(texts)[0] ?? '', progress: telemetry.progress(0), error };
}

/** Rows dropped because they came too late, by operator that keeps any, in the order of the plan. */
export function lateCounts({ operators }: RunProgress): number[] {
  return operators.filter(({ keys }) => keys !== null).map(({ late }) => late);
}

/**
 * The cores a run is spread over: LAMINAR_TEST_CORES of them, or for one in twenty, drawn by the pipeline's text, two or
 * three. Not one that opens its sources itself, or whose end depends on more than its rows; reads are cut at random anyway.
 */
function coresFor({ text, input, isOnOneCore, cut: _, ...rest }: PipelineInput): CoresInput | null {
  const { readers, openSource, openSink, openTable, link, notify, options, ...passed } = rest;
  const own = [readers, openSource, openSink, openTable, link, notify, options, isOnOneCore];
  if (own.some((value) => value !== undefined) || /memory_limit/i.test(text)) return null;
  const seed = createHash('md5').update(text).digest().readUInt32LE(0);
  const cores = Number(process.env['LAMINAR_TEST_CORES'] ?? (seed % 20 === 0 ? 2 + (seed % 2) : 1));
  if (cores === 1) return null;
  const bytesOf = (given: string | Uint8Array) => (typeof given === 'string' ? Buffer.from(given) : given);
  const isForAll = typeof input === 'string' || input instanceof Uint8Array;
  const named = isForAll ? { '*': input } : (input ?? {});
  const inputs = Object.fromEntries(Object.entries(named).map(([name, given]) => [name, { stdin: bytesOf(given) }]));
  return {
    ...passed,
    text,
    inputs,
    cores,
    chunkBytes: 200 + (seed % 1000),
    sharing: seed % 3 === 0 ? 'turns' : 'offset',
    seed: seed + SEED,
    // Rows of a join that is computed by key come in any order: joins-on-cores.test.ts looks at that.
    exchangeBytes: seed % 4 === 0 || text.split(/CREATE SOURCE/i).length > 2 ? 0 : 1 << 20,
  };
}

/** Where a pipeline's texts go once it has ended. */
export function textsOf(outputs: Record<string, Buffer[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(outputs).map(([name, chunks]) => [name, Buffer.concat(chunks).toString()]));
}

/** Compiles and builds the core without running it, for tests that take turns themselves. */
export async function preparePipeline(given: PipelineInput) {
  kernels ??= loadKernelModule();
  const { plan, bound } = compilePipeline(given.text, { fileName: 'test.lsql', variables: given.variables ?? {} });
  if (given.batchRows !== undefined) plan.batchRows = given.batchRows;
  if (given.turnMicros !== undefined) plan.turnMicros = given.turnMicros;
  const link = given.link?.(plan) ?? null;
  const telemetry = new Telemetry(plan, { coreCount: link?.coreCount ?? 1 });
  const outputs: Record<string, Buffer[]> = {};
  const control = new Control();
  const taps = new RunTaps(control, link?.coreCount ?? 1);
  for (const wish of given.taps ?? []) {
    const { view, where = null, format = 'json', rowsMax = null } = wish;
    wish.tap = taps.attach(compileTap({ bound, plan }, { view, where }), { format, rowsMax });
  }
  const core: Core = await buildCore(plan, {
    kernels,
    telemetry,
    ...(given.now === undefined ? {} : { now: given.now }),
    ...(given.yieldToOthers === undefined ? {} : { yieldToOthers: given.yieldToOthers }),
    ...(given.tables === undefined ? {} : { tables: given.tables }),
    ...(given.notify === undefined ? {} : { notify: given.notify }),
    ...(given.durable === undefined ? {} : { durable: given.durable }),
    control,
    taps: given.taps === undefined ? null : taps.open(),
    link,
    options: {
      maxRows: null,
      maxMillis: null,
      maxErrors: null,
      cores: 1,
      startsAllCores: false,
      placement: { pin: null, numa: false },
      verify: false,
      ...given.options,
    },
    endpoints: {
      openSource: (spec, context) => {
        const { name } = context.node;
        if (given.openSource !== undefined) return given.openSource(spec, context);
        if (given.readers?.[name] !== undefined) return given.readers[name]();
        const bytes = bytesFor(given.input, { name, isStdin: spec.kind === 'stdin' });
        return bytes === null ? registry.openSource(spec, context) : [new BytesReader(bytes, given.cut)];
      },
      markOfSource: registry.markOfSource,
      openTable: given.openTable ?? registry.openTable,
      openSink: (spec, context) => {
        const own = given.openSink?.(context.name) ?? null;
        if (own !== null) return own;
        if (spec.kind !== 'stdout') return registry.openSink(spec, context);
        outputs[context.name] = [];
        return new CollectingWriter(context.name, outputs[context.name] as Buffer[], context.resumeAt ?? 0);
      },
    },
  });
  return { core, plan, bound, outputs, telemetry, taps, control };
}

function bytesFor(input: PipelineInput['input'], source: { name: string; isStdin: boolean }): Uint8Array | null {
  const isForAll = typeof input === 'string' || input instanceof Uint8Array;
  const given = !isForAll ? input?.[source.name] : source.isStdin ? input : undefined;
  assert(given !== undefined || !source.isStdin, `the test gives input for ${source.name}`);
  if (given === undefined) return null;
  return typeof given === 'string' ? Buffer.from(given) : given;
}

/** Gives bytes in reads of the sizes asked for. */
export class BytesReader implements SplitReader {
  readonly name: string = 'stdin';
  readonly sizeBytes: number;
  readonly waitDescriptor = null;
  consumedBytes = 0;
  readonly #bytes: Uint8Array;
  readonly #cut: () => number;

  constructor(bytes: Uint8Array, cut: () => number = () => Number.POSITIVE_INFINITY) {
    this.#bytes = bytes;
    this.#cut = cut;
    this.sizeBytes = bytes.length;
  }

  read(memory: LinearMemory, address: number, bytes: number): number {
    const left = this.#bytes.length - this.consumedBytes;
    if (left === 0) return READ_END;
    const count = Math.min(left, bytes, Math.max(1, this.#cut()));
    memory.u8.set(this.#bytes.subarray(this.consumedBytes, this.consumedBytes + count), address);
    this.consumedBytes += count;
    return count;
  }

  close(): void {}
}

class CollectingWriter implements ByteWriter {
  readonly name: string;
  readonly #chunks: Buffer[];
  #position: number;

  constructor(name: string, chunks: Buffer[], position: number) {
    this.name = name;
    this.#chunks = chunks;
    this.#position = position;
  }

  write(memory: LinearMemory, address: number, bytes: number): void {
    this.#chunks.push(Buffer.from(memory.u8.slice(address, address + bytes)));
    this.#position += bytes;
  }

  flush(): void {}

  settle(): number {
    return this.#position;
  }

  close(): void {}
}
