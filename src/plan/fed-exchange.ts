// Joins in the middle of a plan that several cores compute: what core 0 has made of the sources goes to the cores that own
// it, and what they make of it comes back.
//
//   core 0       … ─► a row to the owner of its key, with its number in the batch
//   the owner    batch by batch, of both inputs in the order in which core 0 had them ─► join
//   core 0       what all have given of a batch, by the numbers of the rows that caused it ─► …
//
// What changes of a result so comes out in the order of one core. Results that only grow come as they are given.

import { EXCHANGE_CORES_MIN, JOIN_CORES_MIN, PARTIALS_CORES_MIN } from '../base/limits.ts';
import type { Column, Schema } from '../data/schema.ts';
import {
  ARRIVAL,
  EXCHANGE_CORES_MAX,
  exchangeOf,
  isJoinedByKey,
  type OwnedInputPlan,
  type OwnedPlan,
} from './exchange.ts';
import type { JoinNode } from './join-node.ts';
import type { PhysicalPlan } from './physical-plan.ts';

/** A join whose rows core 0 sends. */
export interface FedPlan extends OwnedPlan {
  node: JoinNode;
  owned: JoinNode;
  /** Whether all that goes into an input has ended when these sources have. */
  sources: string[][];
}

/** All joins that core 0 can feed, in the order of the plan. */
export function fedJoinsOf(plan: PhysicalPlan): FedPlan[] {
  const first = exchangeOf(plan)?.node.id;
  return plan.nodes.flatMap((node) => {
    const fed = node.kind === 'join' && node.id !== first ? fedOf(plan, node) : null;
    return fed === null ? [] : [fed];
  });
}

/** Ids of the nodes that so many cores compute together: those with which one core would not keep up. */
export function exchangedOn(plan: PhysicalPlan, cores: number): string[] {
  if (cores < 2 || cores > EXCHANGE_CORES_MAX) return [];
  const first = exchangeOf(plan);
  const joins = cores >= JOIN_CORES_MIN ? fedJoinsOf(plan).map(({ node }) => node.id) : [];
  return first !== null && cores >= coresMin(first) ? [first.node.id, ...joins] : joins;
}

/** Ids of all nodes that several cores can compute together. */
export function exchangeableOf(plan: PhysicalPlan): string[] {
  const first = exchangeOf(plan);
  return [...(first === null ? [] : [first.node.id]), ...fedJoinsOf(plan).map(({ node }) => node.id)];
}

/** Joins in the order of arrival keep rows for long, and find each anew: by far the most of what a run does. */
function coresMin({ by, node }: OwnedPlan): number {
  if (by === 'partials') return PARTIALS_CORES_MIN;
  return node.kind === 'join' && node.time === null ? JOIN_CORES_MIN : EXCHANGE_CORES_MIN;
}

function fedOf(plan: PhysicalPlan, node: JoinNode): FedPlan | null {
  const [left, right] = node.inputs.map((id) => plan.nodes.find((other) => other.id === id)?.schema);
  if (left === undefined || right === undefined || node.time !== null || node.asof !== null) return null;
  if (!isJoinedByKey(node, [left, right], plan.usesClock)) return null;
  const { updating, schema } = node;
  const isNumbered = updating !== null;
  const input = (rows: Schema, keys: number[]): OwnedInputPlan => ({
    rows,
    keys,
    schema: isNumbered ? [...rows, HIDDEN_ARRIVAL] : rows,
    arrival: isNumbered ? rows.length : null,
    watermarkColumn: null,
  });
  const arrival = isNumbered ? schema.length : null;
  return {
    by: 'keys',
    node,
    owned: isNumbered ? { ...node, schema: [...schema, HIDDEN_ARRIVAL] } : node,
    inputs: [
      input(
        left,
        node.keys.map((key) => key.left),
      ),
      input(
        right,
        node.keys.map((key) => key.right),
      ),
    ],
    order: arrival === null ? null : [{ column: arrival, descending: false, nullsFirst: false }],
    arrival,
    sources: node.inputs.map((id) => sourcesOf(plan, id)),
  };
}

/** Not kept with a row. */
const HIDDEN_ARRIVAL: Column = { ...ARRIVAL, hidden: true };

/** Ids of the sources that a node's rows are made of. */
function sourcesOf(plan: PhysicalPlan, id: string): string[] {
  const node = plan.nodes.find((other) => other.id === id);
  if (node === undefined) return [];
  // Tables that are read whole belong to whoever looks into them.
  if (node.kind === 'source') return node.lookup === undefined && node.cache === undefined ? [id] : [];
  return [...new Set(node.inputs.flatMap((input) => sourcesOf(plan, input)))];
}
