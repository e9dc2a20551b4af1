// Decoder specs in one line, and decoding all of an input with one, for the tests of the text decoders.

import { READ_SLACK } from '../../kernels/layout.ts';
import { POLICY_FAIL, POLICY_SKIP } from '../../kernels/layout-formats.ts';
import type { LinearMemory } from '../../src/data/memory.ts';
import type { TypeKind } from '../../src/data/type.ts';
import type { DecoderSpec } from '../../src/formats/decoder-spec.ts';
import type { Decoder } from '../../src/formats/format.ts';
import { type Decoded, decodeStream } from './decode-stream.ts';

/** A column of the field of its name, or of a path. */
export type ColumnSpec = [path: string | (string | number)[], type: TypeKind, required?: 'NOT NULL'];

/** A spec whose policy is to skip; `more` replaces parts of it. */
export function decoderSpec(columns: ColumnSpec[], more: Partial<DecoderSpec> = {}): DecoderSpec {
  return {
    schema: columns.map(([path, kind, required], i) => ({
      name: typeof path === 'string' ? path : `c${i}`,
      type: { kind },
      nullable: required === undefined,
    })),
    fields: columns.map(([path, , required], position) => ({
      path: typeof path === 'string' ? [path] : path,
      notNull: required !== undefined,
      timestampUnit: 'ms',
      position,
    })),
    policy: POLICY_SKIP,
    maxRecordBytes: 1 << 14,
    capacity: 64,
    options: {},
    ...more,
  };
}

/** Sizes of reads and of the buffer. */
export interface Reading {
  bytes: number;
  buffer: number;
}

export const BUFFER_BYTES = 1 << 16;

/** A function that decodes an input with a decoder of a spec. */
export function decoding(memory: LinearMemory, create: (memory: LinearMemory, spec: DecoderSpec) => Decoder) {
  const buffer = memory.allocate(BUFFER_BYTES + READ_SLACK);
  return (spec: DecoderSpec, input: string | Uint8Array, reading: Partial<Reading> = {}): Decoded => {
    const { bytes = 1000, buffer: bufferBytes = BUFFER_BYTES } = reading;
    const stops = spec.policy === POLICY_FAIL;
    const feed = { memory, decoder: create(memory, spec), buffer, bufferBytes, nextRead: () => bytes, stops };
    return decodeStream(feed, Buffer.from(input));
  };
}
