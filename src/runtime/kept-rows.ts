// The rows in a saved state, of operators that keep rows: joins, ORDER BY, the first rows of an order, OVER, tables.
//
//   block of an image (kernels/row-image.ts) ─► rows of one kind or two ─► a batch ─► JSON lines
//
// What a row looks like is known from the plan alone, so nobody has to be built, and blocks without rows are left out.

import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import { ROW_HEADER_BYTES } from '../../kernels/layout-rows.ts';
import { assert } from '../base/assert.ts';
import { BATCH_ROWS_DEFAULT } from '../base/limits.ts';
import { columnData, columnValidity, createBatch } from '../data/batch.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Column, Schema } from '../data/schema.ts';
import { bytesOf, physicalOf } from '../data/type.ts';
import type { Encoder } from '../formats/format.ts';
import { createEncoder } from '../formats/registry.ts';
import type { PhysicalPlan, PlanNode } from '../plan/physical-plan.ts';
import type { StateBlock } from '../state/snapshot.ts';
import { layOutOver } from './operators/over-layout.ts';
import { layOutRow, type RowField } from './operators/row-layout.ts';

const BLOCK_ROWS = 1;
const BLOCK_HEAD_BYTES = 8;
/** u32 bytes │ u32 pins │ i64 number │ u32 mark */
const ROW_HEAD_BYTES = 20;
const ROW_OTHER = 0x80000000;

/** Rows that an operator keeps: of its only input, or of one of its two. */
export interface RowKind {
  side: 'left' | 'right' | null;
  schema: Schema;
  fields: readonly RowField[];
}

/** The kinds of rows that an operator keeps, one or two; null when it keeps none that could be shown. */
export function rowKindsOf(plan: PhysicalPlan, node: PlanNode): RowKind[] | null {
  const input = (port: number): Schema => {
    const found = plan.nodes.find(({ id }) => id === node.inputs[port]);
    assert(found !== undefined, `${node.id} has an input ${port}`);
    return found.schema;
  };
  switch (node.kind) {
    case 'join':
      return [kindOf(input(0), 'left'), kindOf(input(1), 'right')];
    case 'recall':
      return [kindOf(input(0), 'right'), kindOf(input(1), 'left')];
    case 'lookup':
      return [kindOf(input(1), 'right')];
    case 'table':
    case 'lasting':
      return [kindOf(input(0), null)];
    case 'top':
      return [kindOf(node.schema, null)];
    case 'sort':
      return [{ side: null, schema: node.schema, fields: layOutRow(node.schema).fields }];
    case 'over': {
      // Results are made when a row goes out.
      const results = node.functions.length;
      if (node.updating === null) {
        const schema = node.schema.slice(0, node.schema.length - results);
        return [{ side: null, schema, fields: layOutOver(node).fields }];
      }
      const visible = visibleOf(node.schema);
      return [kindOf(visible.slice(0, visible.length - results), null)];
    }
    default:
      return null;
  }
}

function kindOf(schema: Schema, side: RowKind['side']): RowKind {
  const visible = visibleOf(schema);
  return { side, schema: visible, fields: layOutRow(visible).fields };
}

function visibleOf(schema: Schema): Schema {
  return schema.filter(({ hidden }) => hidden !== true);
}

export interface KeptText {
  side: RowKind['side'];
  /** A line of JSON for each row. */
  text: string;
}

/** Reads the blocks of one operator. */
export class KeptRows {
  readonly #memory: LinearMemory;
  readonly #kinds: readonly KindReader[];

  constructor(memory: LinearMemory, kinds: readonly RowKind[]) {
    this.#memory = memory;
    this.#kinds = kinds.map((kind) => new KindReader(memory, kind));
  }

  /** The rows of a block. */
  read({ bytes }: StateBlock): KeptText[] {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (bytes.length < BLOCK_HEAD_BYTES || view.getUint32(0, true) !== BLOCK_ROWS) return [];
    const places: number[][] = this.#kinds.map(() => []);
    const base = this.#memory.store(bytes);
    for (let at = BLOCK_HEAD_BYTES; at < bytes.length; ) {
      const size = view.getUint32(at, true);
      // Where the row would begin with its header, from which its fields are counted.
      places[size & ROW_OTHER ? 1 : 0]?.push(base + at + ROW_HEAD_BYTES - ROW_HEADER_BYTES);
      at += ROW_HEAD_BYTES + (size & ~ROW_OTHER) - ROW_HEADER_BYTES;
    }
    const texts = this.#kinds.map((kind, index) => kind.read(places[index] as number[]));
    this.#memory.kernels.release(base, bytes.length);
    return texts.filter(({ text }) => text !== '');
  }
}

class KindReader {
  readonly #memory: LinearMemory;
  readonly #kind: RowKind;
  readonly #encoder: Encoder;
  readonly #batch: number;

  constructor(memory: LinearMemory, kind: RowKind) {
    this.#memory = memory;
    this.#kind = kind;
    this.#encoder = createEncoder('json', memory, kind.schema, {});
    this.#batch = createBatch(memory, kind.schema, BATCH_ROWS_DEFAULT);
  }

  /** @param rows their addresses. */
  read(rows: readonly number[]): KeptText {
    const texts: string[] = [];
    for (let at = 0; at < rows.length; at += BATCH_ROWS_DEFAULT) {
      texts.push(this.#encode(rows.slice(at, at + BATCH_ROWS_DEFAULT)));
    }
    return { side: this.#kind.side, text: texts.join('') };
  }

  #encode(rows: readonly number[]): string {
    const memory = this.#memory;
    memory.store32(this.#batch + BATCH_ROW_COUNT, rows.length);
    for (const column of this.#kind.schema.keys()) this.#fill(column, rows);
    const encoder = this.#encoder;
    encoder.encode(this.#batch);
    const text = new TextDecoder().decode(memory.u8.slice(encoder.pending, encoder.pending + encoder.pendingBytes));
    encoder.clear();
    return text;
  }

  #fill(column: number, rows: readonly number[]): void {
    const memory = this.#memory;
    const { type } = this.#kind.schema[column] as Column;
    const { offset, nullOffset } = this.#kind.fields[column] as RowField;
    const data = columnData(memory, this.#batch, column);
    const validity = columnValidity(memory, this.#batch, column);
    const bytes = bytesOf(type);
    for (const [index, row] of rows.entries()) {
      const to = data + index * bytes;
      if (validity !== 0) memory.u8[validity + index] = nullOffset < 0 ? 1 : (memory.u8[row + nullOffset] as number);
      memory.u8.copyWithin(to, row + offset, row + offset + bytes);
      // The address of a text is counted from where its row begins.
      if (physicalOf(type) === 'ref') memory.store32(to, memory.load32(to) + row);
    }
  }
}
