// What should be known before a run over sources that never end: results that come when it is stopped, and state that
// grows for as long as it lasts.

import { retractionOf } from '../../plan/aggregates/registry.ts';
import { nodesOf } from '../optimize/rewrite.ts';
import { changelogOfNode, clauseOf, streamOf } from './changes.ts';
import { endlessSource } from './grouping-window.ts';
import { joinNotice } from './join-notice.ts';
import { type AggregationNode, inputsOf, type LogicalNode, type LogicalPipeline } from './logical.ts';
import { isFinal } from './order.ts';

/** Lines about it, once it is settled when results come out. */
export function endlessNotices(pipeline: LogicalPipeline): string[] {
  const nodes = nodesOf(pipeline);
  const { stateTtlMicros } = pipeline.settings;
  return [...nodes.flatMap(openNotice), ...nodes.flatMap((node) => unboundedNotice(node, stateTtlMicros))];
}

const AT_THE_END = 'which never ends: the result comes on Ctrl-C, or with --for';

/** Results that come at the end, which does not come. */
function openNotice(node: LogicalNode): string[] {
  if (node.kind !== 'aggregation' && node.kind !== 'sort' && node.kind !== 'over') return [];
  const endless = endlessSource(node.input);
  if (endless === null || changelogOfNode(node) === 'retract') return [];
  if (node.kind === 'sort') {
    if (node.time !== null || isFinal(node.input)) return [];
    const what = node.order.length === 0 ? 'EMIT FINAL' : 'ORDER BY … LIMIT';
    return [`${streamOf(node)}: ${what} over ${endless}, ${AT_THE_END}`];
  }
  const hint = 'EMIT CHANGES writes it as it changes';
  if (node.kind === 'over') {
    if (node.emit === 'close' || isFinal(node.input)) return [];
    return [
      `${streamOf(node)}: ${node.functions.map(({ text }) => text).join(', ')} over ${endless}, ${AT_THE_END}; ${hint}`,
    ];
  }
  if (node.window !== null) return [];
  const what = clauseOf(node) === 'DISTINCT' ? 'SELECT DISTINCT' : 'GROUP BY';
  return [`${streamOf(node)}: ${what} without a window over ${endless}, ${AT_THE_END}; ${hint}`];
}

/** A line about state that grows for as long as the run lasts. */
function unboundedNotice(node: LogicalNode, ttlMicros: number): string[] {
  if (node.kind === 'join') return joinNotice(node, ttlMicros);
  const input = node.kind === 'lookup' ? node.inputs[1] : inputsOf(node)[0];
  const endless = input === undefined ? null : endlessSource(input);
  if (input === undefined || endless === null) return [];
  const bound = 'SET memory_limit';
  const lasting = `of ${endless} as long as the run lasts`;
  const isChanging = changelogOfNode(input) !== 'append';
  if (node.kind === 'over' && node.time !== null && !node.isWhole && node.partition.length > 0) {
    return [`${node.id}: OVER keeps a record for each partition ${lasting}, which ${bound} bounds`];
  }
  if (node.kind === 'lookup') {
    const query = node.id.replace(/\.join\d*(\.versions)?$/, '');
    return [`${query}: FOR SYSTEM_TIME AS OF keeps the last row of each key ${lasting}: ${bound} bounds the run`];
  }
  if (node.kind === 'table')
    return [`${node.id}: PRIMARY KEY keeps the last row of each key ${lasting}: ${bound} bounds the run`];
  if (node.kind === 'sort' && isChanging) {
    const what = node.order.length === 0 ? 'EMIT FINAL' : 'ORDER BY';
    return [`${streamOf(node)}: ${what} keeps every row ${lasting}, for it may be taken back: ${bound} bounds the run`];
  }
  return node.kind === 'aggregation' && node.window === null ? groupsNotice(node, lasting, isChanging) : [];
}

function groupsNotice(node: AggregationNode, lasting: string, isChanging: boolean): string[] {
  const { aggregates, keyCount } = node;
  const keepsValues = aggregates.some(({ distinct }) => distinct === true);
  const keepsRows = isChanging && aggregates.some((spec) => retractionOf(spec) === 'rows');
  if (keyCount === 0 && !keepsValues && !keepsRows) return [];
  const instead = 'a window in GROUP BY bounds it, and SET memory_limit the run';
  const keys = clauseOf(node) === 'DISTINCT' ? 'SELECT DISTINCT keeps every row' : 'GROUP BY keeps every key';
  const rows = 'GROUP BY keeps every row, for it may be taken back,';
  const what = keepsRows ? rows : keyCount === 0 ? 'DISTINCT in an aggregate keeps every value' : keys;
  return [`${streamOf(node)}: ${what} ${lasting}: ${instead}`];
}
