// EXPLAIN with --cores: what of a plan several cores share, and how.

import { chainOf } from './chain.ts';
import { exchangeOf, exchangesOn } from './exchange.ts';
import type { PhysicalPlan } from './physical-plan.ts';
import { isCuttable, isMade, type SourceNode } from './source-node.ts';

const HOW = {
  keys: 'rows go to the core that owns their key; core 0 merges the results',
  partials: 'in two phases: every core groups the rows that it decodes; core 0 merges the partial states',
};

/** One line for each source, and one for the exchange. */
export function explainCores(plan: PhysicalPlan, cores: number): string[] {
  const lines = plan.nodes.filter((node) => node.kind === 'source').map((source) => decoding(plan, source, cores));
  const exchange = exchangeOf(plan);
  if (cores === 1 || exchange === null) return lines;
  const { id } = exchange.aggregate;
  return [
    ...lines,
    exchangesOn(plan, cores)
      ? `aggregate ${id}: ${HOW[exchange.by]} in the order of one core`
      : `aggregate ${id}: on core 0, which keeps up with ${cores} cores that decode`,
  ];
}

function decoding(plan: PhysicalPlan, source: SourceNode, cores: number): string {
  if (cores === 1 || !isCuttable(source)) return `source ${source.name}: read and decoded by one core`;
  const { maps, sink } = chainOf(plan, source);
  const also = [...maps.map(({ id }) => `map ${id}`), ...(sink === null ? [] : [`the encoding of ${sink.name}`])];
  const chain = also.length === 0 ? '' : `, with ${also.join(', ')}`;
  const how = isMade(source.connector) ? 'made in chunks and' : 'cut into chunks,';
  return `source ${source.name}: ${how} decoded by ${cores} cores${chain}`;
}
