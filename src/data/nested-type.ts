// The description of a type for kernels that read and write nested values: NESTED_* of kernels/layout.ts.

import {
  NESTED_BYTES,
  NESTED_CODE,
  NESTED_COUNT,
  NESTED_FIELD_KEY_BYTES,
  NESTED_FIELD_NAME,
  NESTED_FIELD_NAME_BYTES,
  NESTED_FIELD_NODE,
  NESTED_HEAD_BYTES,
  NESTED_OPTION,
} from '../../kernels/layout.ts';
import { type DataType, digitsOf, elementOf, fieldsOf, type StructField, typeCodeOf } from './type.ts';

/** What a kernel needs to know of a type of scalars besides its code. */
export type NestedOption = (scalar: DataType) => number;

/** Of a DECIMAL its digits: the scale, and the precision 8 bits further; 0 of others. */
export function digitsOption(scalar: DataType): number {
  if (scalar.kind !== 'DECIMAL') return 0;
  const { precision, scale } = digitsOf(scalar);
  return scale | (precision << 8);
}

/** Describes a type in bytes that may lie anywhere. */
export function describeType(type: DataType, optionOf: NestedOption = digitsOption): Uint8Array {
  const parts = partsOf(type, optionOf);
  const node = new Uint8Array(NESTED_HEAD_BYTES + parts.reduce((sum, part) => sum + part.length, 0));
  const view = new DataView(node.buffer);
  const isNested = type.kind === 'LIST' || type.kind === 'STRUCT';
  view.setUint32(NESTED_CODE, typeCodeOf(type), true);
  view.setUint32(NESTED_BYTES, node.length, true);
  view.setUint32(NESTED_COUNT, type.fields?.length ?? 0, true);
  view.setInt32(NESTED_OPTION, isNested ? 0 : optionOf(type), true);
  let end = NESTED_HEAD_BYTES;
  for (const part of parts) {
    node.set(part, end);
    end += part.length;
  }
  return node;
}

function partsOf(type: DataType, optionOf: NestedOption): Uint8Array[] {
  if (type.kind === 'LIST') return [describeType(elementOf(type), optionOf)];
  if (type.kind !== 'STRUCT') return [];
  return fieldsOf(type).flatMap((field) => [fieldHead(field), describeType(field.type, optionOf)]);
}

/** A field without its node, a multiple of four bytes. */
function fieldHead({ name }: StructField): Uint8Array {
  const nameBytes = new TextEncoder().encode(name);
  const keyBytes = new TextEncoder().encode(`,${JSON.stringify(name)}:`);
  const bytes = (NESTED_FIELD_NAME + nameBytes.length + keyBytes.length + 3) & ~3;
  const head = new Uint8Array(bytes);
  const view = new DataView(head.buffer);
  view.setUint32(NESTED_FIELD_NAME_BYTES, nameBytes.length, true);
  view.setUint32(NESTED_FIELD_KEY_BYTES, keyBytes.length, true);
  view.setUint32(NESTED_FIELD_NODE, bytes, true);
  head.set(nameBytes, NESTED_FIELD_NAME);
  head.set(keyBytes, NESTED_FIELD_NAME + nameBytes.length);
  return head;
}
