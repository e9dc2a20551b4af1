// All aggregate functions, by name.

import { assert } from '../../base/assert.ts';
import { physicalOf } from '../../data/type.ts';
import type { AggregateSpec } from '../aggregate-node.ts';
import type { AggregateDefinition, AggregateFunction } from './aggregate.ts';
import { APPROXIMATE } from './approximate.ts';
import { GENERAL } from './general.ts';
import { ORDERED } from './ordered.ts';
import { STATISTICS } from './statistics.ts';

export const AGGREGATES: readonly AggregateDefinition[] = [...GENERAL, ...ORDERED, ...STATISTICS, ...APPROXIMATE];

const BY_FUNCTION = new Map(AGGREGATES.map((definition) => [definition.name, definition]));

/** By every name of SQL, in lower case. COUNT(*) is a form of `count`. */
const BY_NAME = new Map(
  AGGREGATES.filter(({ name }) => name !== 'count_star').flatMap((definition) =>
    [definition.name, ...definition.aliases].map((name) => [name, definition] as const),
  ),
);

export const AGGREGATE_NAMES: readonly string[] = [...BY_NAME.keys()];

/** The definition of a function in a plan. */
export function aggregateDefinition(name: AggregateFunction): AggregateDefinition {
  const definition = BY_FUNCTION.get(name);
  assert(definition !== undefined, `there is an aggregate ${name}`);
  return definition;
}

/** The aggregate that a call names, in any case. */
export function aggregateNamed(name: string): AggregateDefinition | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** What it takes to take a row back from a call: its state alone, how often each value is there, or the group's rows. */
export function retractionOf({ function: name, distinct, argumentType }: AggregateSpec): 'state' | 'counts' | 'rows' {
  if (distinct !== true) return aggregateDefinition(name).retraction === 'invertible' ? 'state' : 'rows';
  const isText = argumentType !== null && physicalOf(argumentType) === 'ref';
  return name === 'count' && !isText ? 'counts' : 'rows';
}

/** Rows (x, y, s, c) that the examples are over, for documentation and its test. */
export const EXAMPLE_ROWS: readonly (readonly [number | null, number, string | null, boolean | null])[] = [
  [2, 1.5, 'one', true],
  [2, 3.5, 'two', true],
  [8, 8.5, 'five', false],
  [4, 4.5, 'two', true],
  [null, 1, null, null],
];
