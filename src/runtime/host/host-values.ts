// Values of SQL as JavaScript has them, and back.
//
//   BOOLEAN boolean · TINYINT … INTEGER, DOUBLE number · BIGINT bigint · VARCHAR string · JSON what JSON.parse gives
//   TIMESTAMP, INTERVAL bigint (µs) · DATE number (days since 1970) · lists, as results of Laminar's own: arrays
//
// As results, whole numbers may be number or bigint, and times may be a Date.

import { CELL_HOST_VALUE } from '../../../kernels/layout.ts';
import type { LinearMemory } from '../../data/memory.ts';
import { type NestedValue, writeNested } from '../../data/nested-value.ts';
import { type DataType, typeName } from '../../data/type.ts';
import { type HostArgument, hostTypesOf } from '../../plan/host-function.ts';

/** A result that its type cannot hold. */
export class UnfitResult extends Error {
  readonly found: string;
  readonly hint: string;

  constructor(found: string, hint: string) {
    super(found);
    this.found = found;
    this.hint = hint;
  }
}

export class TextTooLong extends Error {}

/** Bytes of one string, as of those that kernels make. */
const TEXT_BYTES_MAX = 1 << 28;
/** Shorter text is decoded by hand while it is ASCII: a call into the engine costs more. */
const SHORT_TEXT = 24;
const DAY_MILLIS = 86_400_000;

export interface ArgumentReader {
  /** How many of the numbers are its own. */
  width: number;
  read(raw: readonly (number | bigint)[], at: number): unknown;
}

export function argumentReader(argument: HostArgument, memory: LinearMemory): ArgumentReader {
  const { type, constant, nullable } = argument;
  if (constant !== undefined) {
    const value = constantValue(type, constant);
    return { width: 0, read: () => value };
  }
  const read = valueReader(type, new TextReader(memory));
  const width = hostTypesOf(argument).length;
  if (!nullable) return { width, read };
  return { width, read: (raw, at) => (raw[at + width - 1] === 1 ? null : read(raw, at)) };
}

function constantValue(type: DataType, value: NonNullable<HostArgument['constant']>): unknown {
  switch (type.kind) {
    case 'BIGINT':
    case 'TIMESTAMP':
    case 'INTERVAL':
      return BigInt(value);
    case 'VARCHAR':
    case 'BOOLEAN':
      return value;
    case 'JSON':
      return JSON.parse(value as string);
    default:
      return Number(value);
  }
}

function valueReader(type: DataType, texts: TextReader): ArgumentReader['read'] {
  switch (type.kind) {
    case 'BOOLEAN':
      return (raw, at) => raw[at] !== 0;
    case 'VARCHAR':
      return (raw, at) => texts.read(raw[at] as number, raw[at + 1] as number);
    case 'JSON':
      return (raw, at) => JSON.parse(texts.read(raw[at] as number, raw[at + 1] as number));
    default:
      return (raw, at) => raw[at];
  }
}

/** Decodes strings of a memory. */
class TextReader {
  readonly #memory: LinearMemory;
  #buffer: Buffer;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
    this.#buffer = Buffer.from(memory.memory.buffer);
  }

  read(address: number, length: number): string {
    const bytes = this.#memory.memory.buffer;
    if (this.#buffer.buffer !== bytes) this.#buffer = Buffer.from(bytes);
    const start = address >>> 0;
    const end = start + length;
    if (length > SHORT_TEXT) return this.#buffer.toString('utf8', start, end);
    let text = '';
    for (let i = start; i < end; i++) {
      const byte = this.#buffer[i] as number;
      if (byte >= 0x80) return this.#buffer.toString('utf8', start, end);
      text += String.fromCharCode(byte);
    }
    return text;
  }
}

/** Writes results of one type to CELL_HOST_VALUE. */
export class ValueWriter {
  readonly #memory: LinearMemory;
  readonly #type: DataType;

  constructor(type: DataType, memory: LinearMemory) {
    this.#type = type;
    this.#memory = memory;
  }

  /** @param value not null. @throws UnfitResult, TextTooLong. */
  write(value: unknown): void {
    const memory = this.#memory;
    const type = this.#type;
    switch (type.kind) {
      case 'BOOLEAN':
        if (typeof value !== 'boolean') throw unfit(value, type);
        memory.refresh();
        memory.u8[CELL_HOST_VALUE] = value ? 1 : 0;
        return;
      case 'TINYINT':
      case 'SMALLINT':
      case 'INTEGER':
      case 'DATE':
        memory.refresh();
        memory.i32[CELL_HOST_VALUE >> 2] = smallInteger(value, type);
        return;
      case 'BIGINT':
      case 'TIMESTAMP':
      case 'INTERVAL':
        memory.refresh();
        memory.i64[CELL_HOST_VALUE >> 3] = largeInteger(value, type);
        return;
      case 'DOUBLE':
        if (typeof value !== 'number' && typeof value !== 'bigint') throw unfit(value, type);
        memory.refresh();
        memory.f64[CELL_HOST_VALUE >> 3] = Number(value);
        return;
      case 'JSON':
        this.#writeText(jsonText(value, type));
        return;
      case 'LIST':
        this.#writeBytes(writeNested(value as readonly NestedValue[], type));
        return;
      default:
        if (typeof value !== 'string') throw unfit(value, type);
        this.#writeText(value);
    }
  }

  #writeBytes(bytes: Uint8Array): void {
    const memory = this.#memory;
    if (bytes.length > TEXT_BYTES_MAX) throw new TextTooLong();
    const address = memory.kernels.transientAllocate(bytes.length) >>> 0;
    memory.refresh();
    memory.u8.set(bytes, address);
    memory.store32(CELL_HOST_VALUE, address);
    memory.store32(CELL_HOST_VALUE + 4, bytes.length);
  }

  #writeText(text: string): void {
    const memory = this.#memory;
    const length = Buffer.byteLength(text);
    if (length > TEXT_BYTES_MAX) throw new TextTooLong();
    const address = memory.kernels.transientAllocate(length) >>> 0;
    memory.refresh();
    Buffer.from(memory.memory.buffer, address, length).write(text);
    memory.store32(CELL_HOST_VALUE, address);
    memory.store32(CELL_HOST_VALUE + 4, length);
  }
}

const I32_RANGES: Readonly<Record<string, number>> = { TINYINT: 2 ** 7, SMALLINT: 2 ** 15 };

function smallInteger(value: unknown, type: DataType): number {
  if (type.kind === 'DATE' && value instanceof Date) return smallInteger(Math.floor(+value / DAY_MILLIS), type);
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number') throw unfit(value, type);
  const limit = I32_RANGES[type.kind] ?? 2 ** 31;
  if (!Number.isInteger(number) || number < -limit || number >= limit) throw unfit(value, type);
  return number;
}

function largeInteger(value: unknown, type: DataType): bigint {
  if (type.kind === 'TIMESTAMP' && value instanceof Date) {
    if (Number.isNaN(+value)) throw unfit(value, type);
    return BigInt(+value) * 1000n;
  }
  const whole = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof whole !== 'bigint' || BigInt.asIntN(64, whole) !== whole) throw unfit(value, type);
  return whole;
}

function jsonText(value: unknown, type: DataType): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? Number(part) : part));
  } catch {
    throw unfit(value, type);
  }
  if (text === undefined) throw unfit(value, type);
  return text;
}

const EXPECTED: Readonly<Record<string, string>> = {
  BOOLEAN: 'true or false',
  BIGINT: 'a bigint (or a whole number up to 2⁵³)',
  DOUBLE: 'a number',
  VARCHAR: 'a string: String(x) makes one',
  TIMESTAMP: 'a bigint of µs since 1970, or a Date',
  INTERVAL: 'a bigint of µs',
  DATE: 'a whole number of days since 1970, or a Date',
  JSON: 'what JSON.stringify takes',
};

function unfit(value: unknown, type: DataType): UnfitResult {
  const expected = `for ${typeName(type)} it returns ${EXPECTED[type.kind] ?? 'a whole number in its range'}, or null`;
  if (value === undefined) {
    return new UnfitResult('undefined', `${expected}; a body without return gives undefined`);
  }
  if (value instanceof Promise) {
    return new UnfitResult('a Promise', 'functions are synchronous: async and await cannot be used');
  }
  return new UnfitResult(`${describe(value)}, which is no ${typeName(type)}`, expected);
}

function describe(value: unknown): string {
  const text =
    typeof value === 'string' ? JSON.stringify(value) : typeof value === 'bigint' ? `${value}n` : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
