// What a core beside the first needs of a plan: the sources that all cores decode, with their chains.

import type { MessagePort } from 'node:worker_threads';
import { createLinearMemory, type LinearMemory } from '../data/memory.ts';
import type { Encoder } from '../formats/format.ts';
import { createEncoder, loadFormat } from '../formats/registry.ts';
import { chainOf } from '../plan/chain.ts';
import type { PhysicalPlan, SinkNode } from '../plan/physical-plan.ts';
import { buildDecoder, mergesHere } from './build-source.ts';
import { CoreLink, type LinkRequest } from './channels/core-link.ts';
import type { TakenShare } from './checkpointer.ts';
import { type CompiledMaps, describeFailure, instantiateMaps } from './compiled-maps.ts';
import type { Control } from './control.ts';
import type { DurableParts } from './core.ts';
import type { Endpoints } from './core-context.ts';
import { CORE_MEMORY_BYTES } from './counters.ts';
import type { Edge } from './edge.ts';
import { buildExchanges } from './exchange/build-exchange.ts';
import { Feeder, type FeederParts } from './feeder.ts';
import { buildFeederChain } from './feeder-chain.ts';
import { throughLog } from './logged-reader.ts';
import { GivenTables } from './lookups/given-tables.ts';
import { MemoryShare } from './memory-share.ts';
import { Meter } from './meter.ts';
import type { Feeders } from './run-feeders.ts';
import { keeperOf } from './state-keeper.ts';
import { CoreTaps } from './taps/core-taps.ts';
import type { Telemetry } from './telemetry.ts';

export interface FeederContext {
  kernels: WebAssembly.Module;
  endpoints: Endpoints;
  telemetry: Telemetry;
  control: Control;
  link: LinkRequest;
  /** Rows that go from a chain into a sink are encoded here. */
  encodes: boolean;
  /** As in DurableParts. */
  logs?: DurableParts['logs'];
  /** As in CoreContext. */
  taps?: MessagePort | null;
  /** By which it is given the tables that its chains look into; null: they look into none. */
  tables?: MessagePort | null;
  /** As in Waiting; threads have none. */
  yield?: () => void;
  /** What keeps its share of an exchange, and where an earlier run was. */
  durable?: (Pick<DurableParts, 'restored' | 'room' | 'copy'> & { give: (share: TakenShare) => void }) | null;
}

/** @throws LaminarError */
export async function buildFeeders(plan: PhysicalPlan, context: FeederContext): Promise<Feeders> {
  const memory = createLinearMemory(context.kernels, plan.memoryBytes);
  const link = new CoreLink(plan, memory, context.link);
  const share = new MemoryShare(memory, link, plan.memoryBytes);
  share.update();
  const { control, telemetry } = context;
  const meter = new Meter(telemetry);
  const maps = await instantiate(plan, memory, context);
  const onFailure = (code: number, site: number): never => {
    throw describeFailure(code, plan.sites[site], null);
  };
  const { durable = null } = context;
  const others = {
    maps,
    onFailure,
    outputOf: null,
    yield: context.yield ?? null,
    give: durable?.give ?? null,
    keeper: durable === null ? null : keeperOf(memory, durable),
  };
  const exchanges = buildExchanges(memory, plan, { link, control, share, meter, telemetry, ...others });
  if (durable !== null && durable.restored !== null)
    for (const member of exchanges.members) member.restore(durable.restored);
  const given = context.tables ?? null;
  const tables = given === null ? null : new GivenTables(given, (id) => telemetry.placeOf(id));
  const feeders: Feeder[] = [];
  const points = new Map<string, Edge>();
  for (const node of plan.nodes) {
    if (node.kind !== 'source' || !link.shares(node.id)) continue;
    await loadFormat(node.format.kind);
    const opened = context.endpoints.openSource(node.connector, { node, memory });
    const readers = throughLog(opened, context.logs?.[node.id]);
    const shared = { link, control, meter, place: telemetry.placeOf(node.id), node, readers, exchanges };
    if (mergesHere(node, readers.length)) {
      feeders.push(...buildLanes(memory, plan.batchRows, shared));
      continue;
    }
    const decoder = buildDecoder(memory, node, plan.batchRows);
    const chain = chainOf(plan, node);
    const { steps, sink, schema } = chain;
    const encoder = sink !== null && context.encodes ? buildEncoder(memory, sink) : null;
    const port = exchanges.portOf(node.id);
    const how = { chain, maps, batchRows: plan.batchRows, encoder, meter, telemetry, onFailure };
    const running = steps.length > 0 || port !== null ? buildFeederChain(memory, node, how) : null;
    for (const [id, edge] of running?.edges ?? []) points.set(id, edge);
    for (const { node, lookup } of running?.lookups ?? []) tables?.add(node.inputs[1] as string, lookup);
    // Rows that are sent as they leave the chain pass the first core's edge.
    if (encoder === null && port === null) points.delete(chain.id);
    if (port !== null) running?.output.connect(port.sender, port.exchange.place);
    feeders.push(new Feeder(memory, { ...shared, decoder, schema, chain: running, lane: null, port, tables }));
  }
  telemetry.counters[CORE_MEMORY_BYTES] = memory.memory.buffer.byteLength;
  const { taps: port = null } = context;
  const how = { core: context.link.core, control, points, batchRows: plan.batchRows, hasClock: plan.usesClock };
  const taps = port === null ? null : new CoreTaps(memory, { ...how, port, share });
  return { feeders, link, meter, share, exchanges, taps, tables };
}

/** One for each of the first splits of a source whose splits are merged. */
function buildLanes(
  memory: LinearMemory,
  batchRows: number,
  shared: Pick<FeederParts, 'link' | 'control' | 'meter' | 'place' | 'node' | 'readers' | 'exchanges'>,
): Feeder[] {
  const { link, node, readers } = shared;
  const rest = { schema: node.schema, chain: null, port: null, tables: null };
  const count = Math.min(readers.length, link.laneCount(node.id));
  return Array.from({ length: count }, (_, lane) => {
    const decoder = buildDecoder(memory, node, batchRows);
    return new Feeder(memory, { ...shared, ...rest, decoder, lane });
  });
}

/**
 * What chains, and the operator of an exchange, compute; nothing where there is nothing to compute. The plan's code as a
 * whole imports functions in JavaScript, though none of them calls any.
 */
async function instantiate(plan: PhysicalPlan, memory: LinearMemory, context: FeederContext): Promise<CompiledMaps> {
  const sources = plan.nodes.filter((node) => node.kind === 'source');
  const hasJoin = context.link.exchangeBytes > 0 && plan.nodes.some(({ kind }) => kind === 'join');
  if (!hasJoin && sources.every((source) => chainOf(plan, source).steps.length === 0)) return {};
  const hosting = plan.hostFunctions.length > 0 ? await import('./host/host.ts') : null;
  return instantiateMaps(plan.code, plan.literals, memory, {
    nowMicros: BigInt(context.link.startedMillis) * 1000n,
    host: hosting?.createHost(plan.hostFunctions, memory) ?? null,
  });
}

/** The first core writes what comes before all rows. */
function buildEncoder(memory: LinearMemory, { format, schema }: SinkNode): Encoder {
  const { kind, options } = format;
  return createEncoder(kind, memory, schema, kind === 'csv' ? { ...options, header: false } : options);
}
