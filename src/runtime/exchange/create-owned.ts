// The operator of an exchange, as every owner has it.

import { unreachable } from '../../base/assert.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { OwnedPlan } from '../../plan/exchange.ts';
import type { CompiledMaps } from '../compiled-maps.ts';
import { createAggregate } from '../operators/aggregate.ts';
import { createJoin } from '../operators/join.ts';
import type { Input, Output, Stateful } from '../operators/operator.ts';
import { createOver } from '../operators/over.ts';
import { createUpdatingJoin } from '../operators/updating-join.ts';
import { giveImages } from './partials.ts';

export interface OwnedParts {
  plan: OwnedPlan;
  batchRows: number;
  maps: CompiledMaps;
  output: Output;
  /** Raises the error that an expression reported. */
  onFailure: (code: number, site: number) => never;
}

/** @returns it, where its inputs go in, and the address of an aggregate's state, 0 of others */
export function createOwned(
  memory: LinearMemory,
  { plan, batchRows, maps, output, onFailure }: OwnedParts,
): { operator: Stateful; ports: readonly Input[]; state: number } {
  const { owned, inputs, by, node } = plan;
  const schemas = inputs.map(({ schema }) => schema);
  switch (owned.kind) {
    case 'aggregate': {
      const inputSchema = schemas[0] ?? [];
      const operator = createAggregate(memory, owned, inputSchema, batchRows, output);
      const { state } = operator;
      if (by === 'partials' && node.kind === 'aggregate') giveImages(memory, state, { aggregate: node, inputSchema });
      return { operator, ports: [operator], state };
    }
    case 'over': {
      const operator = createOver(memory, owned, batchRows, output);
      return { operator, ports: [operator], state: 0 };
    }
    case 'join': {
      const condition = owned.condition === null ? null : (maps[owned.condition.function] ?? null);
      const inputSchemas = [schemas[0] ?? [], schemas[1] ?? []] as const;
      const create = owned.updating === null ? createJoin : createUpdatingJoin;
      const operator = create(memory, owned, { inputSchemas, batchRows, output, condition, onFailure });
      return { operator, ports: operator.ports, state: 0 };
    }
    default:
      return unreachable(owned);
  }
}
