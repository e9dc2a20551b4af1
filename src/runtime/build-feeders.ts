// What a core beside the first needs of a plan: the sources that all cores decode, with their chains.

import { assert } from '../base/assert.ts';
import type { LinearMemory } from '../data/memory.ts';
import { createLinearMemory } from '../data/memory.ts';
import type { Encoder } from '../formats/format.ts';
import { createEncoder, loadFormat } from '../formats/registry.ts';
import { type Chain, chainOf } from '../plan/chain.ts';
import type { PhysicalPlan } from '../plan/physical-plan.ts';
import type { SourceNode } from '../plan/source-node.ts';
import type { Endpoints } from './build.ts';
import { buildDecoder, buildWatermark } from './build-source.ts';
import { CoreLink, type LinkRequest } from './channels/core-link.ts';
import { type CompiledMaps, instantiateMaps } from './compiled-maps.ts';
import type { Control } from './control.ts';
import { CORE_MEMORY_BYTES } from './counters.ts';
import { Edge } from './edge.ts';
import { ChainFailed, Feeder, type FeederChain, type Feeders } from './feeder.ts';
import { MemoryShare } from './memory-share.ts';
import { Meter } from './meter.ts';
import { createMap } from './operators/map.ts';
import type { Telemetry } from './telemetry.ts';
import { Turn } from './turn.ts';

export interface FeederContext {
  kernels: WebAssembly.Module;
  endpoints: Endpoints;
  telemetry: Telemetry;
  control: Control;
  link: LinkRequest;
  /** Rows that go from a chain into a sink are encoded here. */
  encodes: boolean;
}

/** @throws LaminarError */
export async function buildFeeders(plan: PhysicalPlan, context: FeederContext): Promise<Feeders> {
  const memory = createLinearMemory(context.kernels, plan.memoryBytes);
  const link = new CoreLink(plan, memory, context.link);
  const share = new MemoryShare(memory, link, plan.memoryBytes);
  share.update();
  const feeders: Feeder[] = [];
  const { telemetry } = context;
  const meter = new Meter(telemetry);
  let maps: CompiledMaps | null = null;
  for (const node of plan.nodes) {
    if (node.kind !== 'source' || !link.shares(node.id)) continue;
    await loadFormat(node.format.kind);
    const readers = context.endpoints.openSource(node.connector, { node, memory });
    const decoder = buildDecoder(memory, node, plan.batchRows);
    const chain = chainOf(plan, node);
    if (chain.maps.length > 0) maps ??= await instantiate(plan, memory, context);
    const running =
      maps === null || chain.maps.length === 0 ? null : buildChain(memory, node, { chain, maps, plan, context, meter });
    const shared = { link, control: context.control, meter, place: telemetry.placeOf(node.id) };
    feeders.push(new Feeder(memory, { ...shared, node, decoder, readers, schema: chain.schema, chain: running }));
  }
  telemetry.counters[CORE_MEMORY_BYTES] = memory.memory.buffer.byteLength;
  return { feeders, link, meter, share };
}

/** The plan's code as a whole imports functions in JavaScript, though no chain calls any. */
async function instantiate(plan: PhysicalPlan, memory: LinearMemory, context: FeederContext): Promise<CompiledMaps> {
  const hosting = plan.hostFunctions.length > 0 ? await import('./host/host.ts') : null;
  return instantiateMaps(plan.code, plan.literals, memory, {
    nowMicros: BigInt(context.link.startedMillis) * 1000n,
    host: hosting?.createHost(plan.hostFunctions, memory) ?? null,
  });
}

function buildChain(
  memory: LinearMemory,
  node: SourceNode,
  parts: { chain: Chain; maps: CompiledMaps; plan: PhysicalPlan; context: FeederContext; meter: Meter },
): FeederChain {
  const { chain, maps, plan, context, meter } = parts;
  const { batchRows } = plan;
  const onFailure = (code: number, site: number): never => {
    throw new ChainFailed(code, site);
  };
  const placeOf = (id: string): number => context.telemetry.placeOf(id);
  // What it says comes as the run ends: nothing is suspended here.
  const turn = new Turn(Number.POSITIVE_INFINITY, meter);
  const input = new Edge(memory, { meter, turn, place: placeOf(node.id) });
  let last = input;
  for (const map of chain.maps) {
    const compute = maps[map.function];
    assert(compute !== undefined, `the plan's code has ${map.function}`);
    const output = new Edge(memory, { meter, turn, place: placeOf(map.id) });
    last.connect(createMap(memory, map, compute, batchRows, output, onFailure), placeOf(map.id));
    last = output;
  }
  const watermark = buildWatermark(memory, node, { maps, onFailure, batchRows, now: Date.now });
  const encoder = context.encodes ? buildEncoder(memory, chain) : null;
  const end = (encoder === null ? null : chain.sink) ?? node;
  return { input, output: last, watermark, encoder, endPlace: placeOf(end.id) };
}

/** The first core writes what comes before all rows. */
function buildEncoder(memory: LinearMemory, { sink }: Chain): Encoder | null {
  if (sink === null) return null;
  const { kind, options } = sink.format;
  return createEncoder(kind, memory, sink.schema, kind === 'csv' ? { ...options, header: false } : options);
}
