// EXPLAIN with --cores: what of a plan several cores share, and how.

import { chainOf } from './chain.ts';
import { exchangeOf, exchangesOn } from './exchange.ts';
import type { PhysicalPlan } from './physical-plan.ts';
import { isCuttable, isMade, type SourceNode } from './source-node.ts';

const HOW = {
  keys: 'rows go to the core that owns their key',
  partials: 'in two phases: every core groups the rows that it decodes',
};

/** One line for each source, and one for the exchange. */
export function explainCores(plan: PhysicalPlan, cores: number): string[] {
  const lines = plan.nodes.filter((node) => node.kind === 'source').map((source) => decoding(plan, source, cores));
  const exchange = exchangeOf(plan);
  if (cores === 1 || exchange === null) return lines;
  const { by, node, order } = exchange;
  const merged = by === 'keys' ? 'the results' : 'the partial states';
  const results = order === null ? 'passes on the results as they come' : `merges ${merged} in the order of one core`;
  return [
    ...lines,
    exchangesOn(plan, cores)
      ? `${node.kind} ${node.id}: ${HOW[by]}; core 0 ${results}`
      : `${node.kind} ${node.id}: on core 0, which keeps up with ${cores} cores that decode`,
  ];
}

function decoding(plan: PhysicalPlan, source: SourceNode, cores: number): string {
  if (cores === 1 || !isCuttable(source)) return `source ${source.name}: read and decoded by one core`;
  if (mayMerge(source)) {
    const how = "with splits = 'sequential' all cores decode them one after another";
    return `source ${source.name}: its files are merged by event time, and decoded by one core; ${how}`;
  }
  const { maps, sink } = chainOf(plan, source);
  const also = [...maps.map(({ id }) => `map ${id}`), ...(sink === null ? [] : [`the encoding of ${sink.name}`])];
  const chain = also.length === 0 ? '' : `, with ${also.join(', ')}`;
  const how = isMade(source.connector) ? 'made in chunks and' : 'cut into chunks,';
  return `source ${source.name}: ${how} decoded by ${cores} cores${chain}`;
}

/** Several files are read side by side where rows are late by what came before them, unless they are too many. */
function mayMerge({ connector, splits, watermark }: SourceNode): boolean {
  if (connector.kind !== 'file' || splits === 'sequential' || watermark?.output == null) return false;
  return /[*?[{]/.test(String(connector.options['path'] ?? ''));
}
