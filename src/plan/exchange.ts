// Which part of a plan several cores compute by key: source ─► chain of maps ─► aggregate, each with one reader.
//
//   every core   decodes chunks, runs the chain, sends each row to the core that owns its key group
//   the owner    takes the rows chunk by chunk, in the order of their numbers, and aggregates its groups
//   core 0       merges what the owners give into the order of one core, and computes the rest
//
// An aggregate is left to one core when its output is not in the order of (window end, window start, key), which is what
// is merged by: when results change, or windows close by the clock; or when it has another output, of late rows.

import { EXCHANGE_CORES_MIN } from '../base/limits.ts';
import type { AggregateNode } from './aggregate-node.ts';
import { type Chain, canCombine, chainOf } from './chain.ts';
import type { PhysicalPlan, PlanNode } from './physical-plan.ts';
import { isCuttable, type SourceNode } from './source-node.ts';

export interface ExchangePlan {
  source: SourceNode;
  chain: Chain;
  aggregate: AggregateNode;
}

/** Parts of the keys; which core has a group follows from their number alone. */
export const KEY_GROUPS = 256;
/** A part for each core, and a word for each in what they share. */
export const EXCHANGE_CORES_MAX = 16;

/** What of a plan can be computed by key, null when that is nothing. */
export function exchangeOf(plan: PhysicalPlan): ExchangePlan | null {
  const sources = plan.nodes.filter((node) => node.kind === 'source');
  const [source] = sources;
  if (sources.length !== 1 || source === undefined || !isCuttable(source) || !canCombine(source)) return null;
  const chain = chainOf(plan, source);
  const readers = plan.nodes.filter(({ inputs }) => inputs.includes(chain.id));
  const [aggregate] = readers;
  return readers.length === 1 && aggregate?.kind === 'aggregate' && isMergeable(aggregate, plan.nodes)
    ? { source, chain, aggregate }
    : null;
}

/** Whether so many cores group rows by key: when one would not keep up with what they decode. */
export function exchangesOn(plan: PhysicalPlan, cores: number): boolean {
  return cores >= EXCHANGE_CORES_MIN && cores <= EXCHANGE_CORES_MAX && exchangeOf(plan) !== null;
}

function isMergeable({ id, keyCount, window, emit, idleMicros }: AggregateNode, nodes: readonly PlanNode[]): boolean {
  if (keyCount === 0 || emit.on !== 'close' || idleMicros !== null) return false;
  if (nodes.some((node) => node.kind === 'late' && node.inputs.includes(id))) return false;
  if (window === null) return true;
  return window.kind !== 'inherited' && !window.byClock && window.watermarkColumn !== null;
}
