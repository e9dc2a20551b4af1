// Decodes NDJSON (kernels/json-decode.ts): one object a line, columns by their paths into it.

import { createBatch } from '../data/batch.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Column, Schema } from '../data/schema.ts';
import { typeCodeOf } from '../data/type.ts';
import { type DecoderSpec, decodedColumns, unitOf } from './decoder-spec.ts';
import type { Cutting, Decoder } from './format.ts';

/** Makes a decoder of NDJSON with its batch. */
export function createJsonDecoder(memory: LinearMemory, spec: DecoderSpec): Decoder {
  const { kernels } = memory;
  const columns = decodedColumns(spec);
  const batch = createBatch(memory, spec.schema, spec.capacity);
  const state = kernels.jsonDecoderCreate(columns.length) >>> 0;
  kernels.decoderConfigure(state, batch, spec.policy, spec.maxRecordBytes);
  columns.forEach(({ index, field }, i) => {
    const column = spec.schema[index] as Column;
    const unit = unitOf(memory, column.type, field);
    kernels.decoderColumn(state, i, index, typeCodeOf(column.type), field.notNull || !column.nullable, unit);
    let node = kernels.jsonDecoderRoot(state);
    for (const part of field.path) node = addStep(memory, node, part);
    kernels.jsonPathBind(node, kernels.decoderField(state, i));
  });
  const fieldOf = (column: number): number => columns.findIndex(({ index }) => index === column);
  if (spec.marks !== undefined) kernels.decoderMarks(state, fieldOf(spec.marks.time), fieldOf(spec.marks.mark));
  memory.refresh();
  return new JsonDecoder(memory, spec.schema, batch, state);
}

function addStep(memory: LinearMemory, node: number, part: string | number): number {
  if (typeof part === 'number') return memory.kernels.jsonPathIndex(node, part);
  const key = new TextEncoder().encode(part);
  return memory.kernels.jsonPathKey(node, memory.store(key), key.length);
}

class JsonDecoder implements Decoder {
  readonly #memory: LinearMemory;
  readonly schema: Schema;
  readonly batch: number;
  readonly state: number;

  constructor(memory: LinearMemory, schema: Schema, batch: number, state: number) {
    this.#memory = memory;
    this.schema = schema;
    this.batch = batch;
    this.state = state;
  }

  decode(begin: number, end: number, atEnd: boolean): number {
    return this.#memory.kernels.jsonDecode(this.state, begin, end, atEnd) >>> 0;
  }

  reset(): void {
    this.#memory.kernels.decoderReset(this.state);
  }

  get cutting(): Cutting {
    const { kernels } = this.#memory;
    return {
      cut: (begin, end) => (kernels.lastLineEnd(begin, end) >>> 0) - begin,
      share: () => '',
      join: () => kernels.decoderJoin(this.state),
    };
  }
}
