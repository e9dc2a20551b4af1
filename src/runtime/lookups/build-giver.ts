// From a lookup table to what gives its rows to the other cores: the sources whose chains look into it.

import { chainOf } from '../../plan/chain.ts';
import type { PhysicalPlan } from '../../plan/physical-plan.ts';
import type { SourceNode } from '../../plan/source-node.ts';
import type { CoreLink } from '../channels/core-link.ts';
import type { CoreContext } from '../core-context.ts';
import { type GivenSoFar, TableGiver } from './given-tables.ts';

export interface GiverContext {
  plan: PhysicalPlan;
  context: CoreContext;
  /** null: there are no other cores. */
  link: CoreLink | null;
  given: GivenSoFar;
  /** Nobody reads the source any more. */
  isEnded: (source: SourceNode) => boolean;
}

/** @returns null where the other cores do not look into the table */
export function buildGiver({ id, name }: SourceNode, parts: GiverContext): TableGiver | null {
  const { plan, context, link, given, isEnded } = parts;
  const { tables: ports = [], notify = () => {} } = context;
  if (link === null || ports.length === 0) return null;
  const sources = plan.nodes.flatMap((node) => {
    if (node.kind !== 'source' || !link.shares(node.id)) return [];
    if (!chainOf(plan, node).tables.some((table) => table.id === id)) return [];
    return [{ feed: link.feed(node.id), isEnded: () => isEnded(node) }];
  });
  if (sources.length === 0) return null;
  const wake = () => link.ringOthers();
  return new TableGiver({ id, name, ports, sources, memoryBytes: plan.memoryBytes, given, wake, notify });
}
