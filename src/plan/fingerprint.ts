// By which a saved state knows whose it is: a text for every node that is the same as long as what it keeps means the
// same. Ids come from the names in the pipeline, so moving statements about changes nothing.

import { createHash } from 'node:crypto';
import { isRolled } from './connector-specs.ts';
import type { EndpointSpec } from './node.ts';
import type { PhysicalPlan, PlanNode } from './physical-plan.ts';
import { withoutSecrets } from './secrets.ts';

/** Where columns stand in the rows that come in, and how the run handles them: what is kept does not depend on it. */
const AGGREGATE_ASIDE = new Set(['column', 'orderColumn', 'watermarkColumn', 'lateColumns', 'changeColumn', 'name']);

/** The fingerprints of all nodes that may keep something, by their ids. */
export function fingerprints(plan: PhysicalPlan): Record<string, string> {
  const found: Record<string, string> = {};
  for (const node of plan.nodes) if (node.kind !== 'map') found[node.id] = fingerprint(node);
  return found;
}

function fingerprint(node: PlanNode): string {
  const text = JSON.stringify(essenceOf(node));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function essenceOf(node: PlanNode): unknown {
  switch (node.kind) {
    case 'source': {
      const { format, watermark } = node;
      const connector = { ...node.connector, options: withoutSecrets(node.connector.options) };
      const { column: _, output: __, ...strategy } = watermark ?? { column: 0, output: 0 };
      return {
        kind: node.kind,
        connector,
        format,
        strategy: watermark === null ? null : without(strategy, 'function'),
      };
    }
    case 'sink': {
      const { format, schema } = node;
      return { kind: node.kind, connector: sinkEssence(node.connector), format, schema };
    }
    case 'aggregate': {
      const { id: _, inputs: __, ...rest } = node;
      return without(rest, ...AGGREGATE_ASIDE);
    }
    default: {
      const { id: _, inputs: __, ...rest } = node;
      return without(rest, 'function');
    }
  }
}

/** What is open in a series of files may end by another size or time than it began with. */
function sinkEssence(connector: EndpointSpec): unknown {
  if (!isRolled(connector)) return connector;
  const { roll_bytes: _, roll_every: __, ...options } = connector.options;
  return { ...connector, options, isRolled: true };
}

/** A copy without these keys, at any depth. */
function without(value: unknown, ...keys: string[]): unknown {
  return JSON.parse(JSON.stringify(value, (key, item) => (keys.includes(key) ? undefined : item)));
}
