// The TypeScript side of the text encoders: builds the encoder state of kernels/layout.ts, then only passes pointers.
//
//   options + schema ─► one entry per visible column (kind, prepared key) ─► kernel(state, batch) per batch
//
// `encode` makes no JavaScript object. The output buffer belongs to the kernel, which doubles it as needed; a batch's
// worth of output is what it grows to.

import {
  ENCODE_BIGINT,
  ENCODE_BOOLEAN,
  ENCODE_CHANGE,
  ENCODE_COLUMN_BYTES,
  ENCODE_COLUMN_INDEX,
  ENCODE_COLUMN_KEY,
  ENCODE_COLUMN_KEY_BYTES,
  ENCODE_COLUMN_KIND,
  ENCODE_COLUMN_TYPE,
  ENCODE_DATE,
  ENCODE_DECIMAL,
  ENCODE_DOUBLE,
  ENCODE_DOUBLE_TEXT,
  ENCODE_EPOCH_MS,
  ENCODE_EPOCH_NS,
  ENCODE_EPOCH_S,
  ENCODE_EPOCH_US,
  ENCODE_INTEGER,
  ENCODE_INTERVAL,
  ENCODE_JSON,
  ENCODE_NESTED,
  ENCODE_QUOTED,
  ENCODE_SCALE,
  ENCODE_STRING,
  ENCODE_TIMESTAMP,
  ENCODE_UPSERT,
  ENCODER_BUFFER,
  ENCODER_CAPACITY,
  ENCODER_COLUMN_COUNT,
  ENCODER_COLUMNS,
  ENCODER_LENGTH,
  ENCODER_ROW_BYTES,
} from '../../kernels/layout-formats.ts';
import { unreachable } from '../base/assert.ts';
import { LaminarError } from '../base/errors.ts';
import { CHANGE, changeColumnOf, changelogOf } from '../data/changelog.ts';
import type { LinearMemory } from '../data/memory.ts';
import { describeType } from '../data/nested-type.ts';
import type { OutputParts } from '../data/output-parts.ts';
import type { Column, Schema } from '../data/schema.ts';
import { type DataType, digitsOf, isNested } from '../data/type.ts';
import type { Encoder } from './format.ts';
import { TextParts } from './text-parts.ts';

/** Option values of a format by their SQL name, as in the plan. */
export type FormatOptions = Readonly<Record<string, string | number | boolean>>;

/** Bytes of a new output buffer: the rows of a few writes. */
const BUFFER_BYTES = 1 << 16;
/** Most bytes of a field besides its key, the content of a string and the text of NULL: a printed value, quotes, comma. */
const FIELD_BYTES = 48;

export interface RowEncoderParts {
  /** ENCODE_* of a column, with ENCODE_QUOTED where it applies. */
  kindOf(column: Column): number;
  /** ENCODE_* of a scalar inside a list or struct, which is written as JSON. */
  nestedKindOf(type: DataType): number;
  /** Text before each value of a column, '' for none. */
  keyOf(column: Column): string;
  /** Longest text of a NULL in bytes. */
  nullBytes: number;
  /** How the kind of change is written where rows are changes: the first field; null for not at all. */
  change: { name: string; kind: number } | null;
  /** Text before the first row, '' for none. */
  header: string;
  /** Character around fields that hold line ends; left out: no field does. */
  quote?: string;
  encode(state: number, batch: number): void;
}

export class RowEncoder implements Encoder {
  /** Address of the encoder state (ENCODER_* of kernels/layout-formats.ts). */
  readonly state: number;
  readonly #memory: LinearMemory;
  readonly #encode: (state: number, batch: number) => void;
  readonly #header: number;
  #headerBytes: number;
  readonly #quote: number | null;

  constructor(memory: LinearMemory, schema: Schema, parts: RowEncoderParts) {
    this.#memory = memory;
    this.#encode = parts.encode;
    const header = Buffer.from(parts.header);
    this.#header = memory.store(header);
    this.#headerBytes = header.length;
    this.#quote = parts.quote?.charCodeAt(0) ?? null;
    this.state = createState(memory, schema, parts);
  }

  encode(batch: number): void {
    if (this.#headerBytes !== 0) this.#writeHeader();
    this.#encode(this.state, batch);
    this.#memory.refresh();
  }

  append(address: number, bytes: number): void {
    if (this.#headerBytes !== 0) this.#writeHeader();
    this.#memory.kernels.encoderAppend(this.state, address, bytes);
    this.#memory.refresh();
  }

  get pendingBytes(): number {
    return this.#memory.load32(this.state + ENCODER_LENGTH);
  }

  get pending(): number {
    return this.#memory.load32(this.state + ENCODER_BUFFER);
  }

  clear(): void {
    this.#memory.store32(this.state + ENCODER_LENGTH, 0);
  }

  resume(): void {
    this.#headerBytes = 0;
  }

  /** What begins the output begins every part. */
  cut(bytesMax: number): OutputParts {
    const [head, headBytes, quote] = [this.#header, this.#headerBytes, this.#quote];
    this.#headerBytes = 0;
    return new TextParts(this.#memory, { bytesMax, head, headBytes, quote });
  }

  finish(): void {
    if (this.#headerBytes !== 0) this.#writeHeader();
  }

  close(): void {
    this.#memory.kernels.release(this.pending, this.#memory.load32(this.state + ENCODER_CAPACITY));
  }

  #writeHeader(): void {
    this.#memory.kernels.encoderAppend(this.state, this.#header, this.#headerBytes);
    this.#memory.refresh();
    this.#headerBytes = 0;
  }
}

function createState(memory: LinearMemory, schema: Schema, parts: RowEncoderParts): number {
  const columns = writtenColumns(schema, parts);
  const state = memory.allocateZeroed(ENCODER_COLUMNS + columns.length * ENCODE_COLUMN_BYTES);
  let rowBytes = FIELD_BYTES;
  columns.forEach(({ column, index, kind }, i) => {
    const key = Buffer.from(parts.keyOf(column));
    const keyAddress = memory.store(key);
    const entry = state + ENCODER_COLUMNS + i * ENCODE_COLUMN_BYTES;
    memory.store32(entry + ENCODE_COLUMN_KIND, kind);
    memory.store32(entry + ENCODE_COLUMN_INDEX, index);
    memory.store32(entry + ENCODE_COLUMN_KEY, keyAddress);
    memory.store32(entry + ENCODE_COLUMN_KEY_BYTES, key.length);
    if (isNested(column.type)) {
      const description = memory.store(describeType(column.type, parts.nestedKindOf));
      memory.store32(entry + ENCODE_COLUMN_TYPE, description);
    }
    rowBytes += key.length + parts.nullBytes + FIELD_BYTES;
  });
  // Not of the memory that is lent for an encoder: the kernel exchanges it for larger ones.
  const buffer = memory.kernels.allocate(BUFFER_BYTES) >>> 0;
  memory.refresh();
  memory.store32(state + ENCODER_BUFFER, buffer);
  memory.store32(state + ENCODER_CAPACITY, BUFFER_BYTES);
  memory.store32(state + ENCODER_COLUMN_COUNT, columns.length);
  memory.store32(state + ENCODER_ROW_BYTES, rowBytes);
  return state;
}

function writtenColumns(schema: Schema, parts: RowEncoderParts): { column: Column; index: number; kind: number }[] {
  const all = schema.map((column, index) => ({ column, index }));
  const visible = all
    .filter(({ column }) => !column.hidden)
    .map(({ column, index }) => ({ column, index, kind: parts.kindOf(column) }));
  const change = changeColumnOf(schema);
  if (change < 0 || parts.change === null) return visible;
  const { name, kind } = parts.change;
  const isUpsert = changelogOf(schema) === 'upsert';
  const kindOfChange = isUpsert ? kind - ENCODE_CHANGE + ENCODE_UPSERT : kind;
  return [{ column: { ...CHANGE, name }, index: change, kind: kindOfChange }, ...visible];
}

/** How a type is written under the options both text formats share (`timestamp_format`, `non_finite`). */
export function kindOfType(type: DataType, options: FormatOptions): number {
  switch (type.kind) {
    case 'BOOLEAN':
      return ENCODE_BOOLEAN;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
      return ENCODE_INTEGER;
    case 'BIGINT':
      return ENCODE_BIGINT;
    case 'DECIMAL':
      return ENCODE_DECIMAL + ENCODE_SCALE * digitsOf(type).scale;
    case 'DOUBLE':
      return options.non_finite === 'string' ? ENCODE_DOUBLE_TEXT : ENCODE_DOUBLE;
    case 'VARCHAR':
      return ENCODE_STRING;
    case 'JSON':
      return ENCODE_JSON;
    case 'LIST':
    case 'STRUCT':
      return ENCODE_NESTED;
    case 'TIMESTAMP':
      return timestampKind(options.timestamp_format);
    case 'DATE':
      return ENCODE_DATE | ENCODE_QUOTED;
    case 'INTERVAL':
      return ENCODE_INTERVAL | ENCODE_QUOTED;
    case 'NULL':
    case 'ANY':
      throw new LaminarError('LMN-6050', 'a column of type NULL cannot be written', {
        hint: 'give it a type: CAST(NULL AS VARCHAR)',
      });
    default:
      return unreachable(type.kind);
  }
}

function timestampKind(format: string | number | boolean | undefined): number {
  switch (format ?? 'iso') {
    case 'iso':
      return ENCODE_TIMESTAMP | ENCODE_QUOTED;
    case 's':
      return ENCODE_EPOCH_S;
    case 'ms':
      return ENCODE_EPOCH_MS;
    case 'us':
      return ENCODE_EPOCH_US;
    case 'ns':
      return ENCODE_EPOCH_NS;
    default:
      throw optionError('timestamp_format', format, "'iso', 's', 'ms', 'us' or 'ns'");
  }
}

/** The value of an option that must be one of a few words. @throws LaminarError LMN-6051 */
export function choiceOption(options: FormatOptions, name: string, choices: readonly string[]): string {
  const value = options[name] ?? (choices[0] as string);
  if (typeof value === 'string' && choices.includes(value)) return value;
  throw optionError(name, value, choices.map((choice) => `'${choice}'`).join(' or '));
}

/** The error for an option value that an encoder cannot use. */
export function optionError(name: string, value: unknown, wanted: string): LaminarError {
  return new LaminarError('LMN-6051', `option ${name} cannot be ${JSON.stringify(value)}`, { hint: `use ${wanted}` });
}
