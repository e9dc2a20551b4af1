// EXPLAIN with --cores: what of a plan several cores share, and how.

import { chainOf, givenTablesOf } from './chain.ts';
import { exchangeOf, waitsForPartition } from './exchange.ts';
import { exchangedOn, fedJoinsOf } from './fed-exchange.ts';
import type { PhysicalPlan, PlanNode } from './physical-plan.ts';
import { remoteTableOf } from './remote-table.ts';
import { isCuttable, isMade, mayMerge, type SourceNode } from './source-node.ts';

const HOW = {
  keys: 'rows go to the core that owns their key',
  fed: 'rows go from core 0 to the core that owns their key',
  partials: 'in two phases: every core groups the rows that it decodes',
};

/** One line for each source, for each node that all cores can compute, and for each join that they cannot. */
export function explainCores(plan: PhysicalPlan, cores: number): string[] {
  const sources = plan.nodes.filter((node) => node.kind === 'source').map((source) => decoding(plan, source, cores));
  if (cores === 1) return sources;
  const lines = [...sources, ...lookupsAlone(plan)];
  const on = exchangedOn(plan, cores);
  const exchange = exchangeOf(plan);
  const fed = fedJoinsOf(plan).map((join) => ({ ...join, how: HOW.fed }));
  const all = exchange === null ? fed : [{ ...exchange, how: HOW[exchange.by] }, ...fed];
  return [
    ...lines,
    ...all.map(({ by, node, order, how }) => {
      if (!on.includes(node.id))
        return `${node.kind} ${node.id}: on core 0, which keeps up with ${cores} cores that decode`;
      const merged = by === 'keys' ? 'the results' : 'the partial states';
      const results =
        order === null ? 'passes on the results as they come' : `merges ${merged} in the order of one core`;
      return `${node.kind} ${node.id}: ${how}; core 0 ${results}`;
    }),
    ...(exchange === null ? plan.nodes.flatMap(overAlone) : []),
    ...alone(
      plan,
      all.map(({ node }) => node.id),
    ),
  ];
}

/** Why an OVER is not exchanged, where that is for the order of its rows. */
function overAlone(node: PlanNode): string[] {
  if (node.kind !== 'over' || node.updating !== null || node.partition.length === 0 || !waitsForPartition(node))
    return [];
  const why = 'its rows come out in the order in which later rows of their partitions come';
  return [`over ${node.id}: on core 0: ${why}`];
}

/** Lookups that only one core makes. */
function lookupsAlone(plan: PhysicalPlan): string[] {
  const sources = plan.nodes.filter((node) => node.kind === 'source');
  const chained = new Set(sources.flatMap((source) => chainOf(plan, source).steps.map(({ id }) => id)));
  return plan.nodes.flatMap((node) => {
    if (node.kind !== 'lookup' || chained.has(node.id)) return [];
    return [`lookup ${node.id}: on core 0${remoteTableOf(plan, node) === null ? '' : ', which has the cache'}`];
  });
}

/** Joins that are left to core 0 whatever the number of cores. */
function alone(plan: PhysicalPlan, exchangeable: readonly string[]): string[] {
  const joins = plan.nodes.filter((node) => node.kind === 'join' && !exchangeable.includes(node.id));
  return joins.map(({ kind, id }) => `${kind} ${id}: on core 0`);
}

function decoding(plan: PhysicalPlan, source: SourceNode, cores: number): string {
  if (source.cache !== undefined) return `lookup table ${source.name}: asked by core 0`;
  if (source.lookup !== undefined) {
    const isGiven = cores > 1 && givenTablesOf(plan).includes(source);
    return `lookup table ${source.name}: read by one core${isGiven ? ', which gives its rows to the others' : ''}`;
  }
  if (cores === 1 || !isCuttable(source)) return `source ${source.name}: read and decoded by one core`;
  if (mayMerge(source)) {
    return `source ${source.name}: its files are decoded by ${cores} cores, up to 16 at once; core 0 merges them by event time`;
  }
  const { steps, sink } = chainOf(plan, source);
  const also = [
    ...steps.map(({ kind, id }) => `${kind} ${id}`),
    ...(sink === null ? [] : [`the encoding of ${sink.name}`]),
  ];
  const chain = also.length === 0 ? '' : `, with ${also.join(', ')}`;
  const how = isMade(source.connector) ? 'made in chunks and' : 'cut into chunks,';
  return `source ${source.name}: ${how} decoded by ${cores} cores${chain}`;
}
