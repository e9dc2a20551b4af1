// EMIT CHANGES of which nobody sees a change: where all that is made of a query is final tables, its final table is all
// that is asked for.
//
//   reader of the changes                 sees them
//   projection, UNION ALL, UNNEST,        if its readers do, or it asks what time it is
//   lookup, join without bounds
//   GROUP BY that comes out once          if a function of it goes by the order of rows
//   GROUP BY with changes of its own      if its readers do, or a function goes by the order of rows
//   EMIT FINAL, ORDER BY without LIMIT    never
//   sink, anything else                   always
//
// Only where every source ends: who taps a stream that never does wants to see its changes. Nor with `state_ttl`, where rows
// would come when others have gone.

import type { AggregateFunction } from '../../plan/aggregates/aggregate.ts';
import type { BoundExpression } from '../expression.ts';
import { nodesOf, rewriteExpression, rewriteNodes } from '../optimize/rewrite.ts';
import { endlessSource } from './grouping-window.ts';
import {
  type AggregationNode,
  inputsOf,
  type LogicalNode,
  type LogicalPipeline,
  type LogicalSink,
  type ProjectNode,
} from './logical.ts';
import { staysAsItIs } from './lookup-table.ts';

/** Functions whose results depend on the order in which rows come. */
const ORDERED: ReadonlySet<AggregateFunction> = new Set([
  'any_value',
  'first_value',
  'last_value',
  'arg_min',
  'arg_max',
  'string_agg',
  'array_agg',
  'mode',
  'approx_quantile',
  'approx_median',
] as const);

/** Makes final tables of changes that nobody sees. `takesChanges`: of results that could be either, a sink wants changes. */
export function closeUnreadChanges(
  pipeline: LogicalPipeline,
  takesChanges: (sink: LogicalSink) => boolean,
): LogicalPipeline {
  if (pipeline.settings.stateTtlMicros !== 0) return pipeline;
  const readers = new Readers(pipeline, takesChanges);
  const unread = new Set(nodesOf(pipeline).filter((node) => givesChanges(node) && readers.areFinal(node)));
  if (unread.size === 0) return pipeline;
  const ids = new Set([...unread].map(({ id }) => id));
  return rewriteNodes(pipeline, (node) => (ids.has(node.id) ? closed(node) : node));
}

function closed(node: LogicalNode): LogicalNode {
  if (node.kind === 'aggregation') return { ...node, emit: { on: 'close', isUnread: true } };
  return node.kind === 'join' ? { ...node, emit: 'default' } : node;
}

/** Whether a query was asked for every change of its result, and could give it once. */
function givesChanges(node: LogicalNode): boolean {
  const asks = node.kind === 'aggregation' ? node.window === null && node.emit.on === 'update' : isAskingJoin(node);
  return asks && endlessSource(node) === null;
}

function isAskingJoin(node: LogicalNode): boolean {
  return node.kind === 'join' && node.emit === 'update' && isUnbounded(node);
}

function isUnbounded(node: LogicalNode): boolean {
  return node.kind === 'join' && node.time === null && node.asof === null;
}

class Readers {
  readonly #nodes = new Map<LogicalNode, LogicalNode[]>();
  /** What sinks read themselves, and of that what they want as changes. */
  readonly #ends: ReadonlySet<LogicalNode>;
  readonly #changingEnds: ReadonlySet<LogicalNode>;
  readonly #known = { open: new Map<LogicalNode, boolean>(), decided: new Map<LogicalNode, boolean>() };

  constructor(pipeline: LogicalPipeline, takesChanges: (sink: LogicalSink) => boolean) {
    const { sinks } = pipeline;
    this.#ends = new Set(sinks.flatMap(({ inputs }) => inputs));
    this.#changingEnds = new Set(sinks.filter(takesChanges).flatMap(({ inputs }) => inputs));
    for (const node of nodesOf(pipeline)) {
      for (const input of inputsOf(node)) this.#nodes.set(input, [...(this.#nodes.get(input) ?? []), node]);
    }
  }

  /** Whether no reader of a node sees its changes. `isOpen`: it gives them only to readers that want them. */
  areFinal(node: LogicalNode, isOpen = false): boolean {
    const cache = isOpen ? this.#known.open : this.#known.decided;
    const known = cache.get(node);
    if (known !== undefined) return known;
    const readers = this.#nodes.get(node) ?? [];
    const isEnd = (isOpen ? this.#changingEnds : this.#ends).has(node);
    const areFinal = !isEnd && readers.every((reader) => this.#isFinal(reader, node, isOpen));
    cache.set(node, areFinal);
    return areFinal;
  }

  #isFinal(reader: LogicalNode, input: LogicalNode, isOpen: boolean): boolean {
    switch (reader.kind) {
      case 'project':
        return reader.insertions !== true && !asksTime(reader) && this.areFinal(reader, isOpen);
      case 'union':
      case 'unnest':
        return this.areFinal(reader, isOpen);
      case 'lookup':
        return reader.inputs[0] === input && staysAsItIs(reader.inputs[1]) && this.areFinal(reader, isOpen);
      case 'join':
        return isUnbounded(reader) && this.areFinal(reader, isOpen && reader.emit !== 'update');
      case 'aggregation':
        return isWhole(reader) && this.#comesOutOnce(reader);
      case 'sort':
        return reader.emit === 'close' && reader.time === null && reader.limit === null && reader.offset === 0;
      default:
        return false;
    }
  }

  #comesOutOnce(node: AggregationNode): boolean {
    if (node.emit.on === 'close') return true;
    return node.emit.on === 'default' ? this.areFinal(node, true) : givesChanges(node) && this.areFinal(node);
  }
}

/** Whether all that counts is which rows there are in the end. */
function isWhole({ window, aggregates }: AggregationNode): boolean {
  return window === null && !aggregates.some((spec) => ORDERED.has(spec.function));
}

function asksTime({ filter, outputs }: ProjectNode): boolean {
  const all: readonly BoundExpression[] = filter === null ? outputs : [filter, ...outputs];
  let asks = false;
  for (const expression of all) {
    rewriteExpression(expression, (e) => {
      if (e.kind === 'call' && (e.function === 'watermark()' || e.function === 'proctime()')) asks = true;
      return e;
    });
  }
  return asks;
}
