// EXPLAIN of changes: what the rows of each step can be, and what it takes to read and to write them.

import { changelogOf, keyColumnsOf } from '../data/changelog.ts';
import type { AggregateNode } from './aggregate-node.ts';
import { retractionOf } from './aggregates/registry.ts';
import type { ChangesNode, TableNode, UpsertsNode } from './changes-nodes.ts';
import { OP_COLUMN_DEFAULT } from './format-specs.ts';
import type { PlanNode, SinkNode } from './physical-plan.ts';

/** What the rows of a node, of a sink those it gets, can be; most are append. */
export function describeEdge({ schema }: PlanNode): string {
  const changelog = changelogOf(schema);
  if (changelog === 'append') return '';
  const key = keyColumnsOf(schema).map((column) => schema[column]?.name);
  if (changelog === 'retract') return ' [retract]';
  return key.length === 0 ? ' [upsert]' : ` [upsert by ${key.join(', ')}]`;
}

/** What an aggregate that reads changes keeps for rows that are taken back. */
export function describeReading({ aggregates, changeColumn, window }: AggregateNode): string[] {
  if (changeColumn === undefined) return [];
  if (window?.kind === 'session') return ['takes rows back: keeps the rows of each session'];
  const keepsFor = (kind: string, what: string): string[] => {
    const calls = aggregates.filter((spec) => retractionOf(spec) === kind).map(({ text }) => text);
    return calls.length === 0 ? [] : [`${what}, for ${calls.join(', ')}`];
  };
  const keeps = [...keepsFor('counts', 'how often each value is there'), ...keepsFor('rows', 'the rows of each group')];
  return [`takes rows back: ${keeps.length === 0 ? 'from the results' : `keeps ${keeps.join('; ')}`}`];
}

/** How a sink writes changes, if it gets some. */
export function describeWriting({ schema, format }: SinkNode): string[] {
  if (changelogOf(schema) === 'append') return [];
  if (format.kind === 'none' || format.kind === 'debezium') return ['gets: changes'];
  const what = format.options['changelog'] === 'upsert' ? 'upserts' : 'changes';
  return [`gets: ${what}, as ${format.options['op_column'] ?? OP_COLUMN_DEFAULT}`];
}

/** What a node between two kinds of changelogs does. */
export function describeConversion(node: ChangesNode | TableNode | UpsertsNode): string {
  if (node.kind === 'upserts') return 'rows: as they are, and the keys of those that are deleted';
  if (node.kind === 'table') return 'keeps: the last row of each key';
  if (node.opColumn === null) return 'reads: each record as the row of its key';
  return { weight: 'reads: +I, -U, +U and -D', envelope: 'reads: rows before and after', upsert: 'reads: rows and -D' }[
    node.form
  ];
}
