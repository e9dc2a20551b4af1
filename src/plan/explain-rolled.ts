// EXPLAIN of FILE sinks that write a series of files.

import path from 'node:path';
import { formatBytes } from '../base/bytes.ts';
import { formatDuration } from '../base/duration.ts';
import { isRolled } from './connector-specs.ts';
import type { PhysicalPlan, SinkNode } from './physical-plan.ts';
import { RolledName } from './rolled-name.ts';

/** What they are called, and when the next one begins. */
export function describeRolled({ connector, format }: SinkNode, { stateDirectory }: PhysicalPlan): string[] {
  if (!isRolled(connector)) return [];
  const { path: file, roll_bytes: bytes, roll_every: micros } = connector.options;
  const first = path.join(path.dirname(String(file)), new RolledName(String(file)).of(1));
  const what = format.kind === 'arrow' ? ' of values' : '';
  const ends = [
    ...(bytes === undefined ? [] : [`when a row would make it larger than ${formatBytes(Number(bytes))}${what}`]),
    ...(micros === undefined ? [] : [`${formatDuration(Number(micros))} after its first row`]),
  ];
  const named = stateDirectory === null ? 'at its end' : 'by the next checkpoint';
  return [`files: ${first} and so on; each ends ${ends.join(', or ')}, and gets its name ${named}`];
}
