// EXPLAIN of rows in an order: ORDER BY, the first rows, and functions over partitions.

import { changelogOf } from '../data/changelog.ts';
import type { Column } from '../data/schema.ts';
import type { OverNode, OverSpec, SortKey, SortNode, TopNode } from './ordered-nodes.ts';
import { needsPartition } from './over-functions.ts';

export function sortDetails(node: SortNode): string[] {
  const { keys, time, limit, offset, schema } = node;
  const first = keys[0] === undefined ? '' : schema[keys[0].column]?.name;
  const kept = limit === null ? 'every row until then' : `the first ${limit + offset} rows, and as many again`;
  const rows = describeRows(node);
  return [
    `by: ${describeOrder(keys, schema)}`,
    ...(rows === '' ? [] : [`rows: ${rows}`]),
    time === null
      ? `emits: once, at the end of the input; keeps ${kept}`
      : `emits: as the watermark passes ${first}${time.watermarkColumn === null ? '' : '; late rows are dropped'}`,
  ];
}

export function topDetails(node: TopNode): string[] {
  const { keys, limit, offset, schema, changeColumn } = node;
  const rows = describeRows(node);
  const isBounded = limit !== null && changeColumn === null;
  const kept = isBounded ? `the first ${limit + offset} rows` : 'every row';
  const emits = changelogOf(schema) === 'append' ? 'once, at the end of the input' : 'changes: row by row';
  return [
    ...(keys.length === 0 ? [] : [`by: ${describeOrder(keys, schema)}`]),
    ...(rows === '' ? [] : [`rows: ${rows}`]),
    `emits: ${emits}; keeps ${kept}`,
  ];
}

export function overDetails(node: OverNode): string[] {
  const { partition, order, functions, schema } = node;
  const names = partition.map((column) => schema[column]?.name).join(', ');
  return [
    `partitions: ${names === '' ? 'one' : `by ${names}`}${order.length === 0 ? '' : `, ordered by ${describeOrder(order, schema)}`}`,
    `computes: ${functions.map(({ text }) => text).join(', ')}`,
    `emits: ${describeOverTime(node)}`,
  ];
}

function describeOverTime(node: OverNode): string {
  const { time, isWhole, keep, functions, partition, schema, updating } = node;
  if (updating !== null) {
    const isBounded = keep !== null && updating.changeColumn === null;
    const first = keep === null ? '' : ` of ${firstRows(keep)} of each partition`;
    return `changes${first}: row by row; keeps ${isBounded ? 'those' : 'every row'}`;
  }
  if (time === null) {
    const kept = keep === null ? 'every row' : `${firstRows(keep)} of each partition`;
    return `once, at the end of the input; keeps ${kept} until then`;
  }
  const name = schema[time.column]?.name;
  const late = time.watermarkColumn === null ? '' : '; late rows are dropped';
  if (isWhole) return `each ${name} as the watermark passes it${late}`;
  if (functions.some(needsPartition)) return `at the end of the input${late}`;
  const rows = Math.max(0, ...functions.map(({ frame }) => rowsAfter(frame)));
  const wait = rows === 0 ? '' : `, and ${rows} more of its partition ${rows === 1 ? 'has' : 'have'} come`;
  const kept = partition.length === 0 ? '' : '; keeps a record for each partition';
  return `rows as the watermark passes ${name}${wait}${late}${kept}`;
}

function firstRows(keep: number): string {
  return `the first ${keep === 1 ? 'row' : `${keep} rows`}`;
}

/** Rows behind its own that a frame waits for. */
function rowsAfter(frame: OverSpec['frame']): number {
  return frame?.unit === 'rows' && frame.end.kind === 'following' ? frame.end.offset : 0;
}

export function describeRows({ limit, offset }: Pick<SortNode, 'limit' | 'offset'>): string {
  return [...(limit === null ? [] : [`LIMIT ${limit}`]), ...(offset === 0 ? [] : [`OFFSET ${offset}`])].join(' ');
}

function describeOrder(keys: readonly SortKey[], schema: readonly Column[]): string {
  const described = keys.map(({ column, descending, nullsFirst }) => {
    const { name, nullable } = schema[column] as Column;
    return `${name}${descending ? ' DESC' : ''}${nullable && nullsFirst ? ' NULLS FIRST' : ''}`;
  });
  return described.join(', ');
}
