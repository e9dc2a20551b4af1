// What of a pipeline can be read under which name while it runs (src/sql/tap.ts).

import type { View } from '../../plan/tap-plan.ts';
import type { LogicalNode, LogicalSink } from './logical.ts';

/** A name of FROM, and what it stands for. */
export interface Relation {
  written: string;
  node: LogicalNode;
}

/** Sources and streams in the order of the text, then sinks: those that write the rows of one query. */
export function viewsOf(
  relations: readonly Relation[],
  sources: ReadonlySet<LogicalNode>,
  sinks: readonly LogicalSink[],
): View[] {
  const streams = relations.map(
    ({ written: name, node }): View => ({ name, kind: sources.has(node) ? 'source' : 'stream', id: node.id }),
  );
  const ends = sinks.flatMap(({ name, inputs }): View[] => {
    const [input, ...others] = inputs;
    return input === undefined || others.length > 0 ? [] : [{ name, kind: 'sink', id: input.id }];
  });
  return [...streams, ...ends];
}
