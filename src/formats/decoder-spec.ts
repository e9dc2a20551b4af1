// What a decoder is made from: the schema, where each column is in a record, and how bad records are treated.

import type { LinearMemory } from '../data/memory.ts';
import { describeType, digitsOption } from '../data/nested-type.ts';
import type { Schema } from '../data/schema.ts';
import { type DataType, isNested } from '../data/type.ts';
import type { SourceField } from '../plan/source-node.ts';

export interface DecoderSpec {
  schema: Schema;
  /** One per visible column of `schema`, in order. */
  fields: readonly SourceField[];
  /** POLICY_* of kernels/layout-formats.ts. */
  policy: number;
  /** Longer records are bad. */
  maxRecordBytes: number;
  /** Rows of the batch that is filled. */
  capacity: number;
  /** Columns of `schema`: a record without a value in `time` that has one in `mark` is a watermark, and no row. */
  marks?: { time: number; mark: number };
  /** Options of the format (src/plan/format-specs.ts), by their SQL name. */
  options: Readonly<Record<string, string | number | boolean>>;
}

/** A column of the batch that a decoder fills. */
export interface DecodedColumn {
  /** Position in the schema. */
  index: number;
  field: SourceField;
}

/** The columns that come from the record: all but the hidden ones, each with its field. */
export function decodedColumns(spec: DecoderSpec): DecodedColumn[] {
  const visible = spec.schema.flatMap((column, index) => (column.hidden ? [] : [index]));
  return visible.map((index, i) => ({ index, field: spec.fields[i] as SourceField }));
}

/** Powers of ten from the unit of an epoch number to µs. */
export const UNIT_POWERS: Record<SourceField['timestampUnit'], number> = { s: 6, ms: 3, us: 0, ns: -3 };

/** FIELD_UNIT of a column (of a DECIMAL its digits), or the FIELD_NESTED of a list or struct (kernels/decoder.ts). */
export function unitOf(memory: LinearMemory, type: DataType, { timestampUnit }: SourceField): number {
  const power = UNIT_POWERS[timestampUnit];
  const optionOf = (scalar: DataType): number => (scalar.kind === 'DECIMAL' ? digitsOption(scalar) : power);
  return isNested(type) ? memory.store(describeType(type, optionOf)) : optionOf(type);
}

/** A field's path as it is written in SQL: `$.user.id`, `$.list[0]`, `$["two words"]`; `$` is the whole record. */
export function pathText(path: SourceField['path']): string {
  const step = (part: string | number) =>
    typeof part === 'number' ? `[${part}]` : /^[A-Za-z_]\w*$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
  return `$${path.map(step).join('')}`;
}
