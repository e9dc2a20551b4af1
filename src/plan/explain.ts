// EXPLAIN: a plan as a tree, from each sink down to its sources, and as JSON.
//
// A node that several read is written out once and named where it is read again.

import { formatDuration } from '../base/duration.ts';
import { changelogOf } from '../data/changelog.ts';
import type { Column } from '../data/schema.ts';
import { typeName } from '../data/type.ts';
import type { AggregateNode } from './aggregate-node.ts';
import { CONNECTORS } from './connector-specs.ts';
import { describeConversion, describeEdge, describeReading, describeWriting } from './explain-changes.ts';
import { joinDetails } from './explain-join.ts';
import { lookupDetails } from './explain-lookup.ts';
import { describeRows, overDetails, sortDetails, topDetails } from './explain-ordered.ts';
import { describeRolled } from './explain-rolled.ts';
import type { EndpointSpec } from './node.ts';
import type { MapNode, PhysicalPlan, PlanNode, SinkNode, UnnestNode } from './physical-plan.ts';
import { withoutSecrets } from './secrets.ts';
import type { SourceAlignment, SourceNode, SourceWatermark } from './source-node.ts';

/** The plan for people: one line a node, its details indented below, inputs further in. */
export function explainText(plan: PhysicalPlan): string {
  const lines: string[] = [];
  const shown = new Set<string>();
  const show = (id: string, depth: number): void => {
    const node = plan.nodes.find((n) => n.id === id) as PlanNode;
    const indent = '  '.repeat(depth);
    const again = shown.has(id);
    lines.push(`${indent}${describeNode(node)}${describeEdge(node)}${again ? ' (shown above)' : ''}`);
    if (again) return;
    shown.add(id);
    for (const detail of detailsOf(node, plan)) lines.push(`${indent}    ${detail}`);
    for (const input of node.inputs) show(input, depth + 1);
  };
  for (const node of plan.nodes) if (node.kind === 'sink') show(node.id, 0);
  return `${lines.join('\n')}\n`;
}

/** The plan for programs: its nodes without the compiled code. */
export function explainJson(plan: PhysicalPlan): object {
  const { version, batchRows, memoryBytes, turnMicros, rowNanos, nodes, notices, code } = plan;
  const functions = plan.hostFunctions.flatMap(({ name, body }) => (body === null ? [] : [{ name, ...body }]));
  const marked = nodes.map((node) => ({ ...shown(node), changelog: changelogOf(node.schema) }));
  return {
    version,
    batchRows,
    memoryBytes,
    turnMicros,
    rowNanos,
    codeBytes: code.length,
    notices,
    functions,
    nodes: marked,
  };
}

function shown(node: PlanNode): PlanNode {
  if (node.kind !== 'source' && node.kind !== 'sink') return node;
  return { ...node, connector: { ...node.connector, options: withoutSecrets(node.connector.options) } };
}

function describeNode(node: PlanNode): string {
  switch (node.kind) {
    case 'sink':
      return `sink ${node.id}: ${describeEndpoint(node)}`;
    case 'source':
      return `${node.lookup === undefined ? 'source' : 'lookup table'} ${node.id}: ${describeEndpoint(node)}`;
    case 'map':
    case 'unnest':
    case 'aggregate':
    case 'sort':
    case 'limit':
    case 'union':
    case 'over':
      return `${node.kind} ${node.id}`;
    case 'late':
      return `late rows ${node.id}`;
    case 'top':
    case 'changes':
    case 'table':
    case 'upserts':
      return `${node.kind} ${node.id}`;
    case 'join':
      return `${node.asof === null ? '' : 'asof '}${node.join} join ${node.id}`;
    case 'lasting':
      return `lasting rows ${node.id}`;
    case 'recall':
      return `recall ${node.id}`;
    case 'lookup':
      return `${node.join} lookup ${node.id}`;
  }
}

function describeEndpoint({ connector, format }: SourceNode | SinkNode): string {
  return `${connector.kind.toUpperCase()}${describeOptions(connector)}, ${format.kind}${describeOptions(format)}`;
}

/** How often rows come out when a run that keeps its state was interrupted. */
function describeDelivery({ connector }: SinkNode, { stateDirectory }: PhysicalPlan): string[] {
  if (stateDirectory === null || connector.kind === 'blackhole') return [];
  if (connector.kind === 'file') return ['delivery: exactly once'];
  return ['delivery: at least once; rows since the last checkpoint come again after a crash'];
}

function describeOptions({ kind, options }: EndpointSpec): string {
  const given = Object.entries(withoutSecrets(options));
  if (given.length === 0) return '';
  const listed = given.map(([name, value]) => {
    const shown = typeof value === 'number' && isDuration(kind, name) ? formatDuration(value) : value;
    return `${name} = ${typeof shown === 'string' ? `'${shown}'` : shown}`;
  });
  return ` (${listed.join(', ')})`;
}

/** Whether an option of a connector is a length of time, which a plan has in µs. */
function isDuration(connector: string, option: string): boolean {
  const spec = CONNECTORS.find(({ name }) => name.toLowerCase() === connector.toLowerCase());
  const options = [spec?.source, spec?.sink, spec?.lookup].flatMap((role) => role?.options ?? []);
  return options.some(({ name, type }) => name === option && type.kind === 'duration');
}

function detailsOf(node: PlanNode, plan: PhysicalPlan): string[] {
  switch (node.kind) {
    case 'sink':
      return [
        `columns: ${describeColumns(node.schema.filter(({ hidden }) => hidden !== true))}`,
        ...describeWriting(node),
        ...describeRolled(node, plan),
        ...describeDelivery(node, plan),
      ];
    case 'source':
      return sourceDetails(node);
    case 'map':
      return mapDetails(node);
    case 'unnest':
      return unnestDetails(node);
    case 'aggregate':
      return aggregateDetails(node);
    case 'sort':
      return sortDetails(node);
    case 'top':
      return topDetails(node);
    case 'limit':
      return [`rows: ${describeRows(node)}; the output ends with them`];
    case 'union':
      return ['rows: of every input, as they come'];
    case 'late':
      return [`columns: ${describeColumns(node.schema)}`];
    case 'changes':
    case 'table':
    case 'upserts':
      return [describeConversion(node)];
    case 'over':
      return overDetails(node);
    case 'join':
      return joinDetails(node);
    case 'lookup':
      return lookupDetails(node, plan);
    case 'lasting':
      return [
        `waits: for ${node.time === null ? 'the end of the input' : 'the watermark'}; what is taken back by then never comes out`,
      ];
    case 'recall':
      return ['takes back: what a row has given when the row is', 'keeps: what every row has given that is there'];
  }
}

function sourceDetails(node: SourceNode): string[] {
  const fields = node.fields.map(({ path, notNull }, index) => {
    const { name, type } = node.schema[index] as Column;
    const from = path.length === 1 && path[0] === name ? '' : ` from ${describePath(path)}`;
    return `${name} ${typeName(type)}${from}${notNull ? ' NOT NULL' : ''}`;
  });
  const letters = node.deadLetterPath === null ? '' : ` to ${node.deadLetterPath}`;
  const details = [`decodes: ${fields.length === 0 ? 'nothing but the end of each record' : fields.join(', ')}`];
  details.push(`bad records: ${node.onError}${letters}`);
  if (node.watermark !== null) {
    details.push(`watermark: ${describeWatermark(node, node.watermark)}`);
    if (node.idleTimeoutMicros > 0) details.push(`idle: after ${formatDuration(node.idleTimeoutMicros)} without rows`);
    if (node.alignment !== null) details.push(`aligned: ${describeAlignment(node.alignment)}`);
    if (node.splits !== 'sequential' && /[*?[{]/.test(String(node.connector.options['path'] ?? ''))) {
      details.push('several files: merged, the one furthest behind goes first');
    }
  }
  return details;
}

function describeAlignment({ group, maxDriftMicros, mode }: SourceAlignment): string {
  const what = { pause: 'pauses', warn: 'warns', drop: 'drops rows that are' }[mode];
  const when = mode === 'drop' ? '' : ' when it is';
  return `group ${group}, ${what}${when} more than ${formatDuration(maxDriftMicros)} ahead of the others`;
}

function describeWatermark(node: SourceNode, watermark: SourceWatermark): string {
  const { column, delayMicros, output, mark, perKey } = watermark;
  const carried = output === null ? '' : ', carried by each row';
  const time = node.schema[column]?.name;
  const delay = delayMicros === 0 ? '' : ` - ${formatDuration(delayMicros)}`;
  if (mark !== null) return `${mark.text}${delay}${mark.text === time ? '' : `, for ${time}`}${carried}`;
  const delayed = `${time}${delay}`;
  if (perKey === null) return `${delayed}${carried}`;
  const keys = perKey.columns.map((key) => node.schema[key]?.name).join(', ');
  const idle = perKey.idleMicros === 0 ? '' : `, those ${formatDuration(perKey.idleMicros)} behind are forgotten`;
  const room = { least_recent: 'the least recent', lowest: 'the lowest', none: 'none' }[perKey.eviction];
  return `${delayed} for each ${keys}${carried}; at most ${perKey.keysMax} keys, ${room} makes room${idle}`;
}

function describePath(path: readonly (string | number)[]): string {
  const steps = path.map((step) =>
    typeof step === 'number' ? `[${step}]` : /^\w+$/.test(step) ? `.${step}` : `["${step}"]`,
  );
  return `'$${steps.join('')}'`;
}

function mapDetails(node: MapNode): string[] {
  const outputs = node.outputs
    .filter((_, index) => node.schema[index]?.hidden !== true)
    .map(({ name, text, aliased, interpreted }) => {
      const named = name === text ? text : `${text} AS ${name}`;
      return `${named}${aliased ? ' [no copy]' : ''}${interpreted ? ' [JavaScript]' : ''}`;
    });
  const mark = node.filterInterpreted ? ' [JavaScript]' : '';
  const filter = node.filter === null ? [] : [`filter: ${node.filter}${mark}`];
  const rows = node.settles ? ['rows: without updates that make no difference'] : [];
  return [...filter, `columns: ${outputs.join(', ')}`, ...rows];
}

function unnestDetails({ lists, schema, text, ordinality, outer }: UnnestNode): string[] {
  const named = lists.map(({ output }, i) => `${text[i]} AS ${schema[output]?.name}`);
  const numbers = ordinality === null ? '' : `, numbered as ${schema[ordinality]?.name}`;
  const empty = outer ? ', one row where there are none' : '';
  return [`a row for each element of ${named.join(', ')}${numbers}${empty}`];
}

function aggregateDetails(node: AggregateNode): string[] {
  const keys = node.schema.slice(0, node.keyCount).map(({ name }) => name);
  const details = [`keys: ${keys.length === 0 ? 'none, one group' : keys.join(', ')}`];
  const { window } = node;
  if (window !== null) {
    const offset = window.offsetMicros === 0 ? '' : `, offset ${formatDuration(window.offsetMicros)}`;
    const lateness = window.latenessMicros === 0 ? '' : `, lateness ${formatDuration(window.latenessMicros)}`;
    details.push(`window: ${describeWindow(window)}${offset}${lateness}`);
  }
  const idle = node.idleMicros === null ? '' : `, or after ${formatDuration(node.idleMicros)} without rows`;
  details.push(`emits: ${describeEmit(node)}${idle}`);
  details.push(
    `computes: ${node.aggregates.length === 0 ? 'the groups alone' : node.aggregates.map(({ text }) => text).join(', ')}`,
  );
  return [...details, ...describeReading(node)];
}

function describeClose({ byClock, closesAtEnd }: NonNullable<AggregateNode['window']>): string {
  if (byClock) return 'when the clock passes the window';
  return closesAtEnd
    ? 'at the end of the input: no watermark speaks about its time'
    : 'when the watermark passes the window';
}

function describeEmit({ emit, window }: AggregateNode): string {
  switch (emit.on) {
    case 'close':
      if (window === null) {
        const reason = emit.isUnread === true ? ': only final tables read its changes' : '';
        return `once, at the end of the input, in key order${reason}`;
      }
      return `${describeClose(window)}, by end, start and key`;
    case 'watermark':
      return 'changes: when the watermark passes the window, by end, start and key, and corrections row by row after that';
    case 'update':
      return 'changes: row by row';
    case 'tick':
      return `changes: every ${formatDuration(emit.everyMicros)}, and what is left ${
        window === null ? 'at the end of the input' : 'when the window closes'
      }, ${window === null ? 'in key order' : 'by end, start and key'}`;
  }
}

function describeWindow({ kind, sizeMicros, slideMicros }: NonNullable<AggregateNode['window']>): string {
  const size = formatDuration(sizeMicros);
  switch (kind) {
    case 'tumble':
      return `TUMBLE ${size}`;
    case 'hop':
      return `HOP ${size}, every ${formatDuration(slideMicros)}`;
    case 'cumulate':
      return `CUMULATE ${size}, every ${formatDuration(slideMicros)}`;
    case 'session':
      return `SESSION of rows at most ${size} apart`;
    case 'inherited':
      return 'that of each row of the input';
  }
}

function describeColumns(schema: readonly Column[]): string {
  return schema.map(({ name, type, nullable }) => `${name} ${typeName(type)}${nullable ? '' : ' NOT NULL'}`).join(', ');
}
