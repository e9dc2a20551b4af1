// A source's chain of maps (src/plan/chain.ts) as it runs where chunks are decoded.

import { assert } from '../base/assert.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Encoder } from '../formats/format.ts';
import type { Chain } from '../plan/chain.ts';
import type { SourceNode } from '../plan/source-node.ts';
import { buildWatermark } from './build-source.ts';
import type { CompiledMaps } from './compiled-maps.ts';
import { Edge } from './edge.ts';
import type { Meter } from './meter.ts';
import { createMap } from './operators/map.ts';
import type { SplitWatermark } from './split-watermark.ts';
import type { Telemetry } from './telemetry.ts';
import { Turn } from './turn.ts';

export interface FeederChain {
  /** To the first map. */
  input: Edge;
  /** From the last one. */
  output: Edge;
  /** All of them, by the id of the node whose rows they pass on. */
  edges: ReadonlyMap<string, Edge>;
  /** Of each chunk. */
  watermark: SplitWatermark | null;
  /** Of the sink that the rows go to; null: they are sent as columns. */
  encoder: Encoder | null;
  /** Counters of whose work it is to take the rows. */
  endPlace: number;
}

export interface FeederChainParts {
  chain: Chain;
  maps: CompiledMaps;
  batchRows: number;
  encoder: Encoder | null;
  meter: Meter;
  telemetry: Telemetry;
}

/** An expression of the chain failed: the first core says so, after the rows before. */
export class ChainFailed extends Error {
  readonly code: number;
  readonly site: number;

  /** `code`: ERROR_*. */
  constructor(code: number, site: number) {
    super('an expression failed');
    this.code = code;
    this.site = site;
  }
}

export function buildFeederChain(memory: LinearMemory, node: SourceNode, parts: FeederChainParts): FeederChain {
  const { chain, maps, batchRows, encoder, meter, telemetry } = parts;
  const placeOf = (id: string): number => telemetry.placeOf(id);
  const onFailure = (code: number, site: number): never => {
    throw new ChainFailed(code, site);
  };
  // What it says comes as the run ends: nothing is suspended here.
  const turn = new Turn(Number.POSITIVE_INFINITY, meter);
  const input = new Edge(memory, { meter, turn, place: placeOf(node.id) });
  const edges = new Map([[node.id, input]]);
  let last = input;
  for (const map of chain.maps) {
    const compute = maps[map.function];
    assert(compute !== undefined, `the plan's code has ${map.function}`);
    const output = new Edge(memory, { meter, turn, place: placeOf(map.id) });
    last.connect(createMap(memory, map, compute, batchRows, output, onFailure), placeOf(map.id));
    edges.set(map.id, output);
    last = output;
  }
  const watermark = buildWatermark(memory, node, { maps, onFailure, batchRows, now: Date.now });
  const end = (encoder === null ? null : chain.sink) ?? node;
  return { input, output: last, edges, watermark, encoder, endPlace: placeOf(end.id) };
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
