// Compiles a filter and a projection to one function over a batch:
//
//   (inputBatch, outputBatch) → rows written
//
//   prologue: addresses of columns and literals into locals
//   for each row: leave it out unless the filter is TRUE; write each output at the next free row
//
// Where an expression fails, its error and site are in CELL_ERROR_CODE and CELL_ERROR_SITE, and the function returns
// the rows before. A column that a projection without a filter only passes on is not written: it is `aliased`.

import {
  BATCH_COLUMNS,
  BATCH_ROW_COUNT,
  CELL_ERROR_CODE,
  COLUMN_BYTES,
  COLUMN_DATA,
  COLUMN_VALIDITY,
} from '../../../kernels/layout.ts';
import type { Schema } from '../../data/schema.ts';
import { type DataType, physicalOf } from '../../data/type.ts';
import type { FailureSite } from '../../plan/physical-plan.ts';
import type { BoundExpression } from '../expression.ts';
import { Emitter } from './emitter.ts';
import { emitExpression } from './expression-code.ts';
import type { HostImports } from './host-code.ts';
import type { LiteralPool } from './literal-pool.ts';
import { emitTruth } from './logic-code.ts';
import { type MapContext, pushAddress } from './map-context.ts';
import type { ModuleWriter } from './module-writer.ts';

export interface MapFunction {
  inputSchema: Schema;
  /** BOOLEAN: a row is kept where it is TRUE; null keeps all. */
  filter: BoundExpression | null;
  outputs: readonly MapColumn[];
  /** Columns of the input are copied, so that the output may be changed. */
  copies?: true;
}

export interface MapColumn {
  name: string;
  expression: BoundExpression;
  /** Whether the output column has a validity array. */
  nullable: boolean;
  type: DataType;
}

/** Whether an output is a column of the input passed on as it is: the runtime points it there, the map skips it. */
export function isAliased(map: MapFunction, output: MapColumn): boolean {
  const { expression } = output;
  if (map.filter !== null || map.copies === true || expression.kind !== 'column') return false;
  return map.inputSchema[expression.index]?.nullable === output.nullable;
}

export interface ModuleParts {
  writer: ModuleWriter;
  literals: LiteralPool;
  hosts: HostImports;
  sites: FailureSite[];
}

const INPUT_BATCH = 0;
const OUTPUT_BATCH = 1;

export function compileMap(parts: ModuleParts, name: string, definition: MapFunction): void {
  const emitter = new Emitter(parts.writer, 2);
  const row = emitter.local('i32');
  // Without a filter every row is written where it was read.
  const written = definition.filter === null ? row : emitter.local('i32');
  emitter.returnsRows(written);
  const map: MapContext = {
    emitter,
    literals: parts.literals,
    hosts: parts.hosts,
    sites: parts.sites,
    inputSchema: definition.inputSchema,
    row,
    columns: new Map(),
    literalLocals: new Map(),
  };
  emitter.i32(0).i32(0).store('i32', CELL_ERROR_CODE);
  const outputs = definition.outputs.flatMap((output, index) =>
    isAliased(definition, output) ? [] : [{ output, index }],
  );
  const rowCount = emitter.hoist('i32', () => emitter.get(INPUT_BATCH).load('i32', BATCH_ROW_COUNT));
  if (outputs.length === 0 && definition.filter === null) {
    emitter.get(rowCount);
  } else {
    emitLoop(map, { row, written, rowCount, filter: definition.filter, outputs });
    emitter.get(written);
  }
  parts.writer.exportFunction(name, { parameters: ['i32', 'i32'], result: 'i32' }, emitter.finish());
}

interface Loop {
  row: number;
  written: number;
  rowCount: number;
  filter: BoundExpression | null;
  outputs: readonly { output: MapColumn; index: number }[];
}

function emitLoop(map: MapContext, loop: Loop): void {
  const { emitter } = map;
  const { row, written, rowCount, filter } = loop;
  const done = emitter.block();
  emitter.get(rowCount).op('i32.eqz').brIf(done);
  const next = emitter.loop();
  if (filter !== null) {
    emitTruth(map, filter, true);
    emitter.if();
  }
  for (const { output, index } of loop.outputs) emitOutput(map, { output, index, written });
  if (filter !== null) {
    emitter.get(written).i32(1).op('i32.add').set(written);
    emitter.end();
  }
  emitter.get(row).i32(1).op('i32.add').tee(row).get(rowCount).op('i32.lt_u').brIf(next);
  emitter.end();
  emitter.end();
}

function emitOutput(map: MapContext, place: { output: MapColumn; index: number; written: number }): void {
  const { emitter } = map;
  const { output, index, written } = place;
  const descriptor = BATCH_COLUMNS + index * COLUMN_BYTES;
  const base = (offset: number): number =>
    emitter.hoist('i32', () => emitter.get(OUTPUT_BATCH).load('i32', descriptor + offset));
  pushAddress(emitter, base(COLUMN_DATA), { row: written, type: output.type });
  const isNull = emitExpression(map, output.expression);
  emitter.store(physicalOf(output.type));
  if (output.nullable) {
    emitter.get(base(COLUMN_VALIDITY)).get(written).op('i32.add');
    if (isNull === null) emitter.i32(1);
    else emitter.get(isNull).op('i32.eqz');
    emitter.store('u8');
  }
  emitter.free(isNull);
}
