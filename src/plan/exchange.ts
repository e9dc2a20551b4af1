// Which part of a plan several cores compute: source ─► chain of maps ─► aggregate, each with one reader.
//
//   every core   decodes chunks, runs the chain, sends each row to the core that owns it
//   the owner    takes the rows chunk by chunk, in the order of their numbers, and aggregates them
//   core 0       merges what the owners give into the order of one core, and computes the rest
//
// by keys      the owner of a row is the core that has its key group: every group has one owner
// by partials  it is the core that has decoded the row: owners have partial states of a group, which core 0 merges. Only
//              where rows may be added in any order: not sums of doubles, nor what comes first
//
// An aggregate is left to one core when its output is not in the order of (window end, window start, key), which is what
// is merged by: when results change, or windows close by the clock; or when it has another output, of late rows.

import { EXCHANGE_CORES_MIN, PARTIALS_CORES_MIN } from '../base/limits.ts';
import { physicalOf } from '../data/type.ts';
import type { AggregateNode, AggregateSpec } from './aggregate-node.ts';
import type { AggregateFunction } from './aggregates/aggregate.ts';
import { type Chain, canCombine, chainOf } from './chain.ts';
import type { PhysicalPlan, PlanNode } from './physical-plan.ts';
import { isCuttable, type SourceNode } from './source-node.ts';

export interface ExchangePlan {
  source: SourceNode;
  chain: Chain;
  aggregate: AggregateNode;
  by: 'keys' | 'partials';
}

/** A part for each core, and a word for each in what they share. */
export const EXCHANGE_CORES_MAX = 16;

/** What of a plan several cores can aggregate, null when that is nothing. */
export function exchangeOf(plan: PhysicalPlan): ExchangePlan | null {
  const sources = plan.nodes.filter((node) => node.kind === 'source');
  const [source] = sources;
  if (sources.length !== 1 || source === undefined || !isCuttable(source) || !canCombine(source)) return null;
  const chain = chainOf(plan, source);
  const readers = plan.nodes.filter(({ inputs }) => inputs.includes(chain.id));
  const [aggregate] = readers;
  if (readers.length !== 1 || aggregate?.kind !== 'aggregate' || !isMergeable(aggregate, plan.nodes)) return null;
  const by = hasPartials(aggregate) ? 'partials' : 'keys';
  return by === 'keys' && aggregate.keyCount === 0 ? null : { source, chain, aggregate, by };
}

/** Whether so many cores group rows: when one would not keep up with what they decode. */
export function exchangesOn(plan: PhysicalPlan, cores: number): boolean {
  if (cores > EXCHANGE_CORES_MAX) return false;
  const exchange = exchangeOf(plan);
  if (exchange === null) return false;
  return cores >= (exchange.by === 'keys' ? EXCHANGE_CORES_MIN : PARTIALS_CORES_MIN);
}

/** Whether states of parts of the rows make the state of all, whoever had which: exactly, and with the same overflow. */
function hasPartials({ window, aggregates }: AggregateNode): boolean {
  // What is a session's first row is seen by one core only, or by none.
  return window?.kind !== 'session' && aggregates.every(mergesInAnyOrder);
}

const SUMS: ReadonlySet<AggregateFunction> = new Set(['sum', 'avg']);
const CHOICES: ReadonlySet<AggregateFunction> = new Set(['min', 'max', 'bool_and', 'bool_or']);
const COUNTS: ReadonlySet<AggregateFunction> = new Set(['count_star', 'count', 'count_if']);

/** Sums of doubles depend on the order; sets and texts are not in the state itself. */
function mergesInAnyOrder({ function: called, argumentType, distinct }: AggregateSpec): boolean {
  if (COUNTS.has(called)) return distinct !== true;
  const physical = argumentType === null ? 'i64' : physicalOf(argumentType);
  if (SUMS.has(called)) return distinct !== true && physical !== 'f64';
  return CHOICES.has(called) && physical !== 'ref';
}

function isMergeable({ id, window, emit, idleMicros }: AggregateNode, nodes: readonly PlanNode[]): boolean {
  if (emit.on !== 'close' || idleMicros !== null) return false;
  if (nodes.some((node) => node.kind === 'late' && node.inputs.includes(id))) return false;
  if (window === null) return true;
  return window.kind !== 'inherited' && !window.byClock && window.watermarkColumn !== null;
}
