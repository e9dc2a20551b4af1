// A source's chain (src/plan/chain.ts) as it runs where chunks are decoded.

import { assert } from '../base/assert.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Encoder } from '../formats/format.ts';
import type { Chain } from '../plan/chain.ts';
import type { LookupNode } from '../plan/lookup-node.ts';
import type { SourceNode } from '../plan/source-node.ts';
import { buildWatermark } from './build-source.ts';
import type { CompiledMaps } from './compiled-maps.ts';
import { SOURCE_REJECTED } from './counters.ts';
import { Edge } from './edge.ts';
import type { TableKeeper } from './lookup-source.ts';
import type { Meter } from './meter.ts';
import { createChangeReader } from './operators/change-reader.ts';
import { createLookup } from './operators/lookup.ts';
import { createMap } from './operators/map.ts';
import type { Input, SeveralInputs } from './operators/operator.ts';
import type { SplitWatermark } from './split-watermark.ts';
import type { Telemetry } from './telemetry.ts';
import { Turn } from './turn.ts';

export interface FeederChain {
  /** To the first step. */
  input: Edge;
  /** From the last one. */
  output: Edge;
  /** Its lookups: whoever builds it has them get the rows of their tables. */
  lookups: BuiltLookup[];
  /** All of its edges, by the id of the node whose rows they pass on. */
  edges: ReadonlyMap<string, Edge>;
  /** Of each chunk. */
  watermark: SplitWatermark | null;
  /** Of the sink that the rows go to; null: they are sent as columns. */
  encoder: Encoder | null;
  /** Counters of whose work it is to take the rows. */
  endPlace: number;
}

export interface BuiltLookup {
  node: LookupNode;
  lookup: SeveralInputs & TableKeeper;
}

export interface FeederChainParts {
  chain: Chain;
  maps: CompiledMaps;
  batchRows: number;
  encoder: Encoder | null;
  meter: Meter;
  telemetry: Telemetry;
  /** Raises the error that an expression reported. */
  onFailure: (code: number, site: number) => never;
}

/** A step of the chain cannot handle a row: the first core says so, after the rows before. */
export class ChainFailed extends Error {
  constructor(cause: unknown) {
    super('a step of the chain failed', { cause });
  }
}

export function buildFeederChain(memory: LinearMemory, node: SourceNode, parts: FeederChainParts): FeederChain {
  const { chain, maps, batchRows, encoder, meter, telemetry } = parts;
  const placeOf = (id: string): number => telemetry.placeOf(id);
  const onFailure = (code: number, site: number): never => {
    try {
      return parts.onFailure(code, site);
    } catch (error) {
      throw new ChainFailed(error);
    }
  };
  // What it says comes as the run ends: nothing is suspended here.
  const turn = new Turn(Number.POSITIVE_INFINITY, meter);
  const input = new Edge(memory, { meter, turn, place: placeOf(node.id) });
  const edges = new Map([[node.id, input]]);
  let last = input;
  const lookups: BuiltLookup[] = [];
  let schema = node.schema;
  for (const step of chain.steps) {
    const output = new Edge(memory, { meter, turn, place: placeOf(step.id) });
    if (step.kind === 'map') {
      const compute = maps[step.function];
      assert(compute !== undefined, `the plan's code has ${step.function}`);
      last.connect(createMap(memory, step, compute, batchRows, output, onFailure), placeOf(step.id));
    } else if (step.kind === 'changes') {
      const place = placeOf(step.source) + SOURCE_REJECTED;
      const reader = createChangeReader(memory, step, {
        batchRows: Math.max(batchRows, 2),
        output,
        onRejected: (count) => {
          telemetry.counters[place]! += count;
        },
        onFailure: (error) => {
          throw new ChainFailed(error);
        },
      });
      last.connect(reader, placeOf(step.id));
    } else {
      const table = chain.tables.find(({ id }) => id === step.inputs[1]);
      assert(table !== undefined, 'a chain has the tables of its lookups');
      const lookup = createLookup(memory, step, { inputSchemas: [schema, table.schema], batchRows, output });
      last.connect(lookup.ports[0] as Input, placeOf(step.id));
      lookups.push({ node: step, lookup });
    }
    edges.set(step.id, output);
    schema = step.schema;
    last = output;
  }
  const watermark = buildWatermark(memory, node, { maps, onFailure, batchRows, now: Date.now });
  const end = (encoder === null ? null : chain.sink) ?? node;
  return { input, output: last, lookups, edges, watermark, encoder, endPlace: placeOf(end.id) };
}

/** Sends a batch through. @param isCounted its rows have been. @returns what failed. */
export function runChain({ input }: FeederChain, batch: number, isCounted = false): ChainFailed | null {
  try {
    if (isCounted) input.passOn(batch);
    else input.emit(batch);
    return null;
  } catch (error) {
    if (error instanceof ChainFailed) return error;
    throw error;
  }
}
