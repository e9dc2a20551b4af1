// A row of an Arrow record batch as JSON text, for errors and dead letters.
//
// Numbers, times included, are as they are in the column: exact, in the column's own unit.

import { DataType as Arrow, type Data, type RecordBatch } from 'apache-arrow';

/** The row as JSON, and the byte where the value of a column begins in it. */
export function recordText(batch: RecordBatch, row: number, column: number): { bytes: Uint8Array; position: number } {
  const fields = batch.schema.fields;
  let text = '{';
  let position = 0;
  for (let i = 0; i < fields.length; i++) {
    text += `${i === 0 ? '' : ','}${JSON.stringify(fields[i]?.name)}:`;
    if (i === column) position = Buffer.byteLength(text);
    text += valueText(batch, i, row);
  }
  return { bytes: Buffer.from(`${text}}`), position };
}

function valueText(batch: RecordBatch, column: number, row: number): string {
  const data = batch.data.children[column] as Data;
  if (!data.getValid(row)) return 'null';
  const { type } = data;
  const isStored = Arrow.isTimestamp(type) || Arrow.isDate(type) || (Arrow.isInt(type) && type.bitWidth === 64);
  const value: unknown = isStored ? data.values[row] : batch.getChildAt(column)?.get(row);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return JSON.stringify(String(value));
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part)) ?? 'null';
}
