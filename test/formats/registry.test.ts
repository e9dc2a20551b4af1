import { describe, expect, it } from 'vitest';
import { POLICY_FAIL } from '../../kernels/layout-formats.ts';
import type { Schema } from '../../src/data/schema.ts';
import { BIGINT } from '../../src/data/type.ts';
import { createDecoder, createEncoder, loadFormat } from '../../src/formats/registry.ts';
import { FORMATS } from '../../src/plan/format-specs.ts';
import { testMemory } from '../support/linear-memory.ts';

const memory = testMemory();
const schema: Schema = [{ name: 'n', type: BIGINT, nullable: true }];
const fields = [{ path: ['n'], notNull: false, timestampUnit: 'ms' as const, position: 0 }];

describe('formats', () => {
  it('needs Arrow to be loaded first, so that others do not pay for it', () => {
    expect(() => createEncoder('arrow', memory, schema, {})).toThrow('format arrow exists and is loaded');
  });

  it.each(
    FORMATS.map(
      ({ name, source, lookup, sink }) => [name, source !== null || lookup !== undefined, sink !== null] as const,
    ),
  )('makes the decoder (%s: %s) and encoder (%s) that it has, with default options', async (kind, isRead, isWritten) => {
    await loadFormat(kind);
    await loadFormat(kind);
    const spec = { schema, fields, policy: POLICY_FAIL, maxRecordBytes: 1000, capacity: 16, options: {} };
    if (isRead) expect(createDecoder(kind, memory, spec).schema).toBe(schema);
    if (isWritten) expect(createEncoder(kind, memory, schema, {}).pendingBytes).toBe(0);
  });
});
