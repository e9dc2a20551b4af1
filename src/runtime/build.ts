// From a plan to a core: memory, compiled maps, operators, and the edges between them.
//
// Nodes are built from the sinks up, so that whoever produces finds its consumers on its edge.

import { CELL_CLOCK } from '../../kernels/layout.ts';
import { assert } from '../base/assert.ts';
import { createLinearMemory, type LinearMemory } from '../data/memory.ts';
import { loadFormat } from '../formats/registry.ts';
import { type Chain, chainOf } from '../plan/chain.ts';
import { exchangeOf } from '../plan/exchange.ts';
import type { PhysicalPlan, PlanNode } from '../plan/physical-plan.ts';
import type { SourceNode } from '../plan/source-node.ts';
import type { AlignmentGroup } from './alignment.ts';
import { buildOperator, type OperatorParts } from './build-operator.ts';
import { CoreOutputs } from './build-outputs.ts';
import { buildSource, type Exchanged } from './build-source.ts';
import type { ChainEndParts } from './chain-end.ts';
import { CoreLink } from './channels/core-link.ts';
import { type CompiledMaps, describeFailure, instantiateMaps } from './compiled-maps.ts';
import { Core } from './core.ts';
import { CoreClock } from './core-clock.ts';
import type { CoreContext } from './core-context.ts';
import { SOURCE_REJECTED } from './counters.ts';
import { Demand } from './demand.ts';
import { Edge } from './edge.ts';
import { buildExchanges, connectExchange } from './exchange/build-exchange.ts';
import type { ExchangePort } from './exchange/exchange.ts';
import { ExchangeGroup } from './exchange/exchange-group.ts';
import { FedOperator } from './exchange/fed-operator.ts';
import { numberedPlan } from './exchange/numbered-over.ts';
import type { Host } from './host/host.ts';
import { throughLog } from './logged-reader.ts';
import { isTableKeeper } from './lookup-source.ts';
import { CoreLookups } from './lookups/build-lookups.ts';
import { MemoryShare } from './memory-share.ts';
import { Meter } from './meter.ts';
import type { Input, Stateful } from './operators/operator.ts';
import { isOutOfMemory, outOfMemory } from './out-of-memory.ts';
import { joinedSources, ReadOrder } from './read-order.ts';
import { RowLimit } from './row-limit.ts';
import { takesTurnsByRow } from './source-alignment.ts';
import type { SourceTask } from './source-task.ts';
import { storeMicros } from './split-watermark.ts';
import { CoreTaps } from './taps/core-taps.ts';
import { createDelays } from './test-delays.ts';
import { Turn } from './turn.ts';

/** Builds everything the plan needs on this core. @throws LaminarError when an end cannot be opened. */
export async function buildCore(plan: PhysicalPlan, context: CoreContext): Promise<Core> {
  for (const node of plan.nodes) {
    if (node.kind === 'source' || node.kind === 'sink') await loadFormat(node.format.kind);
  }
  // Loaded by those who need it: it would cost every start.
  const needsHost = plan.hostFunctions.length > 0;
  return new Builder(plan, context, needsHost ? await import('./host/host.ts') : null).build();
}

class Builder {
  readonly #plan: PhysicalPlan;
  readonly #context: CoreContext;
  readonly #memory: LinearMemory;
  readonly #host: Host | null;
  readonly #maps: CompiledMaps;
  readonly #limit: RowLimit;
  readonly #link: CoreLink | null;
  readonly #demand: Demand;
  readonly #share: MemoryShare;
  readonly #meter: Meter;
  readonly #turn: Turn;
  readonly #operatorParts: OperatorParts;
  #exchanges = new ExchangeGroup();
  /** The output of each node, by id. */
  readonly #edges = new Map<string, Edge>();
  /** Those of the chain before an exchange, by the id of their node. */
  readonly #exchangedEdges = new Map<string, Edge>();
  readonly #sources: SourceTask[] = [];
  readonly #lookups: CoreLookups;
  readonly #outputs: CoreOutputs;
  readonly #operators: Stateful[] = [];
  /** Alignment groups by name. */
  readonly #groups = new Map<string, AlignmentGroup>();

  constructor(plan: PhysicalPlan, context: CoreContext, hosting: typeof import('./host/host.ts') | null) {
    this.#plan = plan;
    this.#context = context;
    this.#memory = createLinearMemory(context.kernels, plan.memoryBytes);
    this.#host = hosting?.createHost(plan.hostFunctions, this.#memory) ?? null;
    const nowMicros = BigInt(context.link?.startedMillis ?? Date.now()) * 1000n;
    this.#maps = instantiateMaps(plan.code, plan.literals, this.#memory, { nowMicros, host: this.#host });
    const meter = new Meter(context.telemetry);
    this.#meter = meter;
    this.#turn = new Turn(plan.turnMicros === 0 ? Number.POSITIVE_INFINITY : plan.turnMicros / 1000, meter);
    this.#limit = new RowLimit(context.options.maxRows);
    const { link } = context;
    this.#link = link === undefined || link === null ? null : new CoreLink(plan, this.#memory, link);
    this.#share = new MemoryShare(this.#memory, this.#link, plan.memoryBytes);
    this.#demand = new Demand(plan);
    this.#outputs = new CoreOutputs(this.#memory, context, { meter, limit: this.#limit });
    this.#lookups = new CoreLookups(this.#memory, {
      plan,
      context,
      link: this.#link,
      outputs: this.#outputs,
      meter,
      turn: this.#turn,
      isEnded: (source) => this.#sources.find(({ node }) => node === source)?.isEnded === true,
    });
    this.#operatorParts = {
      plan,
      maps: this.#maps,
      edgeOf: (id) => this.#edgeOf(id),
      onFailure: this.#onFailure,
      satisfy: (node) => this.#satisfy(node),
      kept: (context.durable ?? null) === null ? null : numberedPlan(exchangeOf(plan)),
      rejects: (source) => this.#rejects(source),
    };
    const { telemetry } = context;
    // In an exchange a core may wait for others within a turn, who may wait for what it passes on: that is not suspended.
    const turn = this.#link?.hasExchange === true ? new Turn(Number.POSITIVE_INFINITY, meter) : this.#turn;
    for (const { id } of plan.nodes) {
      this.#edges.set(id, new Edge(this.#memory, { meter, turn, place: telemetry.placeOf(id) }));
    }
  }

  /** @throws LMN-3101 when its batches and buffers alone are too much. */
  build(): Core {
    const { control, telemetry } = this.#context;
    try {
      if (this.#link !== null) this.#exchanges = this.#buildExchanges(this.#link);
      for (const node of [...this.#plan.nodes].reverse()) this.#buildNode(node);
    } catch (error) {
      throw isOutOfMemory(error, this.#memory) ? outOfMemory(this.#share, []) : error;
    }
    const sources = this.#sources.reverse();
    const ids = sources.map((source) => source.node.id);
    return new Core({
      memory: this.#memory,
      sources,
      order: new ReadOrder(sources, joinedSources(this.#plan.nodes, ids)),
      tables: this.#lookups.tables.reverse(),
      remotes: this.#lookups.remotes,
      operators: this.#operators,
      sinks: this.#outputs.sinks,
      control,
      turn: this.#turn,
      telemetry,
      meter: this.#meter,
      limit: this.#limit,
      share: this.#share,
      clock: new CoreClock(this.#context.now ?? null, this.#meter),
      bell: this.#link?.bell ?? null,
      taps: this.#taps(),
      setClock: this.#plan.usesClock ? (millis) => storeMicros(this.#memory, CELL_CLOCK, millis * 1000) : null,
      delay: createDelays(this.#link?.delays ?? 0, 0),
      deadLetters: this.#outputs.deadLetters,
      durable: this.#context.durable ?? null,
      exchanges: this.#exchanges,
    });
  }

  /** In an exchange, rows of the source and of its maps pass where every core has them. */
  #taps(): CoreTaps | null {
    const { taps = null, control } = this.#context;
    if (taps === null) return null;
    return new CoreTaps(this.#memory, {
      core: 0,
      port: taps,
      control,
      points: new Map([...this.#edges, ...this.#exchangedEdges]),
      batchRows: this.#plan.batchRows,
      hasClock: this.#plan.usesClock,
      share: this.#share,
    });
  }

  #buildNode(node: PlanNode): void {
    // All cores compute it: this core's part is built with the source.
    if (this.#exchanges.computes(node.id)) return;
    if (node.kind === 'source') {
      const output = this.#edgeOf(node.id);
      // The lookups that look into it ask for its rows by themselves.
      if (node.cache !== undefined) return;
      if (node.lookup === undefined) this.#sources.push(this.#buildSource(node, output));
      else this.#lookups.addTable(node, node.lookup, this.#buildSource(node, output));
    } else if (node.kind === 'sink') {
      const sink = this.#outputs.addSink(node);
      this.#connect(node, () => sink);
    } else {
      const operator =
        this.#lookups.addRemote(node, this.#edgeOf(node.id)) ??
        this.#fedJoin(node) ??
        buildOperator(this.#memory, node, this.#operatorParts);
      if (operator === null) return;
      this.#operators.push(operator);
      if (isTableKeeper(operator)) this.#lookups.keepersOf(node.inputs[1]).push(operator);
      this.#connect(node, (port) => ('ports' in operator ? operator.ports[port] : operator));
    }
  }

  /** A join that all cores compute, and this one feeds. */
  #fedJoin({ id }: PlanNode): FedOperator | null {
    const exchange = this.#exchanges.memberOf(id);
    return exchange?.sender == null ? null : new FedOperator(exchange, exchange.sender, this.#edgeOf(id));
  }

  /** Counts records of a source that make no sense to what reads them. */
  #rejects(source: string): (count: number) => void {
    const { telemetry } = this.#context;
    const place = telemetry.placeOf(source);
    return (count) => {
      telemetry.counters[place + SOURCE_REJECTED]! += count;
    };
  }

  readonly #onFailure = (code: number, site: number): never => {
    throw describeFailure(code, this.#plan.sites[site], this.#host?.failure ?? null);
  };

  /** A node wants no more rows: sources that nobody wants are not read any more. */
  #satisfy({ id }: PlanNode): void {
    this.#demand.satisfy(id);
    for (const source of this.#sources) if (!this.#demand.isWanted(source.node.id)) source.cut();
  }

  #buildExchanges(link: CoreLink): ExchangeGroup {
    const { control, yieldToOthers = null, telemetry } = this.#context;
    const shared = { link, control, share: this.#share, meter: this.#meter, telemetry };
    const compiled = { maps: this.#maps, onFailure: this.#onFailure };
    return buildExchanges(this.#memory, this.#plan, {
      ...shared,
      ...compiled,
      outputOf: (id) => this.#edgeOf(id),
      yield: yieldToOthers,
      give: null,
      keeper: null,
    });
  }

  /** Gives the inputs of a node what they come from. */
  #connect(node: PlanNode, portOf: (port: number) => Input | undefined): void {
    for (const [port, id] of node.inputs.entries()) {
      const input = portOf(port);
      assert(input !== undefined, `${node.id} has an input ${port}`);
      this.#edgeOf(id).connect(input, this.#context.telemetry.placeOf(node.id));
    }
  }

  #edgeOf(id: string): Edge {
    const edge = this.#edges.get(id);
    assert(edge !== undefined, `the plan has a node ${id}`);
    return edge;
  }

  #buildSource(node: SourceNode, output: Edge): SourceTask {
    const { endpoints, telemetry, control, options, durable, now = Date.now, notify = () => {} } = this.#context;
    const [port, link] = [this.#exchanges.portOf(node.id), this.#link];
    const exchanged = port === null || link === null ? null : this.#connectExchange(port, link);
    const chain = chainOf(this.#plan, node);
    return buildSource(this.#memory, node, {
      // What cannot be read a second time is read through a log where state is kept.
      readers: throughLog(
        endpoints.openSource(node.connector, { node, memory: this.#memory }),
        durable?.logs?.[node.id],
      ),
      deadLetters: node.deadLetterPath === null ? null : this.#outputs.deadLettersAt(node.deadLetterPath),
      output,
      turn: this.#turn,
      // A table is read in one go, while nobody else does anything.
      valve: node.lookup === undefined ? this.#lookups.remotes : { isShut: false },
      telemetry,
      meter: this.#meter,
      options,
      groups: this.#groups,
      notify,
      maps: this.#maps,
      onFailure: this.#onFailure,
      batchRows: takesTurnsByRow(this.#plan, node) ? 1 : this.#plan.batchRows,
      link: this.#link,
      chain,
      chainEnd: chain.steps.length === 0 && exchanged === null ? null : this.#chainEnd(chain),
      exchanged,
      control,
      now,
    });
  }

  #connectExchange(port: ExchangePort, link: CoreLink): Exchanged {
    const { exchange, input } = port;
    const output = this.#edgeOf(exchange.plan.node.id);
    const { telemetry } = this.#context;
    const { batchRows } = this.#plan;
    const how = { link, maps: this.#maps, batchRows, telemetry, output, onFailure: this.#onFailure };
    const { operator, chain } = connectExchange(this.#memory, port, how);
    this.#operators.push(operator);
    for (const [id, edge] of chain.edges) this.#exchangedEdges.set(id, edge);
    for (const { node, lookup } of chain.lookups) {
      const [, table = ''] = node.inputs;
      this.#operators.push(lookup);
      this.#lookups.keepersOf(table).push(lookup);
      this.#edgeOf(table).connect(lookup.ports[1] as Input, telemetry.placeOf(node.id));
    }
    this.#edgeOf(input.source.id).connect(operator, exchange.place);
    return { port, chain };
  }

  #chainEnd({ id, watermarkColumn, sink }: Chain): ChainEndParts {
    return {
      watermarkColumn,
      output: this.#edgeOf(id),
      sink: this.#outputs.sinks.find((built) => built.id === sink?.id) ?? null,
    };
  }
}
