// Nested values from the TypeScript side (kernels/layout.ts): for the edges that meet them outside of kernels (Arrow,
// tests), not for the hot path.

import { NESTED_END, NESTED_NULL, NESTED_VALUE } from '../../kernels/layout.ts';
import { assert } from '../base/assert.ts';
import { type DataType, elementOf, fieldsOf, physicalOf } from './type.ts';

/** A scalar as a batch has it; a list is an array, a struct an array of its fields in order. */
export type NestedValue = null | boolean | number | bigint | string | readonly NestedValue[];

const SIGN_32 = 0x8000_0000;
const SIGN_64 = 1n << 63n;
const BITS_64 = (1n << 64n) - 1n;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** Reads a list or struct from exactly its bytes. */
export function readNested(bytes: Uint8Array, type: DataType): readonly NestedValue[] {
  const reader = new Reader(bytes);
  return reader.value(type) as readonly NestedValue[];
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  value(type: DataType): NestedValue {
    if (type.kind === 'LIST') return this.#list(elementOf(type));
    if (type.kind === 'STRUCT') return fieldsOf(type).map((field) => this.#item(field.type));
    switch (physicalOf(type)) {
      case 'u8':
        return this.#bytes[this.#at++] !== 0;
      case 'i32': {
        this.#at += 4;
        return (this.#view.getUint32(this.#at - 4) ^ SIGN_32) | 0;
      }
      case 'i64':
        return BigInt.asIntN(64, this.#take64() ^ SIGN_64);
      case 'f64':
        return doubleOf(this.#take64());
      case 'ref':
        return this.#text();
    }
  }

  #list(element: DataType): NestedValue[] {
    const items: NestedValue[] = [];
    while (this.#bytes[this.#at] !== NESTED_END) items.push(this.#item(element));
    this.#at++;
    return items;
  }

  #item(type: DataType): NestedValue {
    if (this.#bytes[this.#at++] === NESTED_VALUE) return this.value(type);
    this.#at += widthOf(type);
    return null;
  }

  #take64(): bigint {
    this.#at += 8;
    return this.#view.getBigUint64(this.#at - 8);
  }

  #text(): string {
    const bytes: number[] = [];
    for (let byte = this.#bytes[this.#at++]; byte !== 0; byte = this.#bytes[this.#at++]) {
      assert(byte !== undefined, 'a text has an end');
      bytes.push(byte === 1 ? (this.#bytes[this.#at++] as number) - 1 : byte);
    }
    return decoder.decode(Uint8Array.from(bytes));
  }
}

/** Writes a list or struct. */
export function writeNested(value: readonly NestedValue[], type: DataType): Uint8Array {
  const out: number[] = [];
  putValue(out, value, type);
  return Uint8Array.from(out);
}

function putItem(out: number[], value: NestedValue, type: DataType): void {
  if (value === null) {
    out.push(NESTED_NULL, ...new Array<number>(widthOf(type)).fill(0));
    return;
  }
  out.push(NESTED_VALUE);
  putValue(out, value, type);
}

function putValue(out: number[], value: NestedValue, type: DataType): void {
  if (type.kind === 'LIST') {
    for (const item of value as readonly NestedValue[]) putItem(out, item, elementOf(type));
    out.push(NESTED_END);
    return;
  }
  if (type.kind === 'STRUCT') {
    fieldsOf(type).forEach((field, i) => {
      putItem(out, (value as readonly NestedValue[])[i] ?? null, field.type);
    });
    return;
  }
  switch (physicalOf(type)) {
    case 'u8':
      out.push(value === true ? 1 : 0);
      return;
    case 'i32':
      putBytes(out, BigInt.asUintN(32, BigInt(value as number) ^ BigInt(SIGN_32)), 4);
      return;
    case 'i64':
      putBytes(out, BigInt.asUintN(64, BigInt(value as bigint | number) ^ SIGN_64), 8);
      return;
    case 'f64':
      putBytes(out, bitsOf(value as number), 8);
      return;
    case 'ref':
      for (const byte of encoder.encode(value as string)) {
        if (byte < 2) out.push(1, byte + 1);
        else out.push(byte);
      }
      out.push(0);
  }
}

function putBytes(out: number[], value: bigint, count: number): void {
  for (let shift = (count - 1) * 8; shift >= 0; shift -= 8) out.push(Number((value >> BigInt(shift)) & 0xffn));
}

/** Bytes of a value of the type, 0 when they differ from value to value. */
function widthOf(type: DataType): number {
  const physical = physicalOf(type);
  return physical === 'ref' ? 0 : physical === 'u8' ? 1 : physical === 'i32' ? 4 : 8;
}

const scratch = new DataView(new ArrayBuffer(8));

function bitsOf(value: number): bigint {
  // Adding 0 turns −0 into 0.
  scratch.setFloat64(0, Number.isNaN(value) ? Number.NaN : value + 0);
  const bits = scratch.getBigUint64(0);
  return bits & SIGN_64 ? bits ^ BITS_64 : bits ^ SIGN_64;
}

function doubleOf(bits: bigint): number {
  scratch.setBigUint64(0, bits & SIGN_64 ? bits ^ SIGN_64 : bits ^ BITS_64);
  return scratch.getFloat64(0);
}
