// What a user should know of a join before the run.

import { changelogOfNode } from './changes.ts';
import { endlessSource } from './grouping-window.ts';
import type { JoinNode } from './logical.ts';

/** A join keeps rows of one side as long as rows of the other may come. */
export function joinNotice(node: JoinNode, ttlMicros: number): string[] {
  const { id, time, inputs, join } = node;
  if (time !== null || node.bounds !== undefined || ttlMicros > 0) return [];
  const endless = [...new Set(inputs.flatMap((input) => endlessSource(input) ?? []))];
  if (endless.length === 0) return [];
  const query = id.replace(/\.join\d*$/, '');
  const bounds = "a.ts BETWEEN b.ts - INTERVAL '5' SECOND AND b.ts + INTERVAL '5' SECOND, of columns with a watermark";
  const isLasting = changelogOfNode(node) === 'append' && join !== 'inner' && join !== 'semi';
  const waits = isLasting ? ', and rows without a match come out when it is stopped' : '';
  return [
    `${query}: nothing bounds how far apart joined rows may be, so the join keeps every row as long as the run lasts${waits}: ${endless.join(' and ')} never ends. Bound it: ON …, ${bounds}; or SET state_ttl = '1h' lets rows go by the clock; SET memory_limit bounds the run`,
  ];
}
