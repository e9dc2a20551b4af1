// What the tests of sources that make records share: a source node over columns, and reading it as objects.

import { openSource } from '../../src/connectors/registry.ts';
import type { LinearMemory } from '../../src/data/memory.ts';
import type { DataType } from '../../src/data/type.ts';
import type { SourceField, SourceNode } from '../../src/plan/source-node.ts';
import { drain } from './fixture.ts';

export interface MadeColumn {
  name: string;
  type: DataType;
  nullable?: boolean;
  unit?: SourceField['timestampUnit'];
  path?: SourceField['path'];
}

export type Options = Record<string, string | number | boolean>;

export function sourceNode(kind: string, columns: readonly MadeColumn[], options: Options): SourceNode {
  return {
    kind: 'source',
    id: 'made',
    name: 'made',
    inputs: [],
    schema: columns.map(({ name, type, nullable = false }) => ({ name, type, nullable })),
    connector: { kind, options },
    format: { kind: 'json', options: {} },
    fields: columns.map(({ name, nullable = false, unit = 'ms', path = [name] }, position) => ({
      path,
      notNull: !nullable,
      timestampUnit: unit,
      position,
    })),
    onError: 'fail',
    deadLetterPath: null,
    maxRecordBytes: 1 << 20,
    splits: 'sequential',
    idleTimeoutMicros: 0,
    alignment: null,
    watermark: null,
  };
}

/** The text of all records; `sizes` are the read sizes. */
export function madeText(memory: LinearMemory, node: SourceNode, sizes?: readonly number[]): string {
  const [reader] = openSource(node.connector, { node, memory });
  const text = drain(reader!, memory, sizes).toString();
  reader!.close();
  return text;
}

/** All records, each parsed. */
export function madeRecords(memory: LinearMemory, node: SourceNode): Record<string, unknown>[] {
  const lines = madeText(memory, node).split('\n');
  if (lines.pop() !== '') throw new Error('the last record has no newline');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The text of so many bytes at most behind so many records, which are not made. */
export function madeTextBehind(memory: LinearMemory, node: SourceNode, count: number): string {
  const [reader] = openSource(node.connector, { node, memory });
  const address = memory.allocate(1 << 16);
  reader!.seek?.(0, count);
  const bytes = reader!.read(memory, address, 1 << 16);
  reader!.close();
  return Buffer.from(memory.u8.subarray(address, address + Math.max(bytes, 0))).toString();
}
