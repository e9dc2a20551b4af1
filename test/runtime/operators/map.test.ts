import { describe, expect, it } from 'vitest';
import { CELL_ERROR_CODE, CELL_ERROR_SITE, ERROR_OVERFLOW } from '../../../kernels/layout.ts';
import { columnData, createBatch, fillBatch, type Value } from '../../../src/data/batch.ts';
import type { LinearMemory } from '../../../src/data/memory.ts';
import type { Schema } from '../../../src/data/schema.ts';
import { BIGINT, VARCHAR } from '../../../src/data/type.ts';
import type { MapNode, MapOutput } from '../../../src/plan/physical-plan.ts';
import { createMap, type MapFunction } from '../../../src/runtime/operators/map.ts';
import type { Operator } from '../../../src/runtime/operators/operator.ts';
import { CollectingOutput } from '../../support/aggregate-run.ts';
import { testMemory } from '../../support/linear-memory.ts';

const INPUT: Schema = [
  { name: 'id', type: BIGINT, nullable: false },
  { name: 'name', type: VARCHAR, nullable: true },
];

function nodeOf(schema: Schema, outputs: Partial<MapOutput>[]): MapNode {
  return {
    kind: 'map',
    settles: false,
    anywhere: true,
    id: 'test.map',
    inputs: ['input'],
    schema,
    function: 'map0',
    filter: null,
    filterInterpreted: false,
    outputs: outputs.map((output, index) => ({
      name: schema[index]?.name as string,
      text: '',
      aliased: false,
      interpreted: false,
      ...output,
    })),
  };
}

interface Harness {
  memory: LinearMemory;
  operator: Operator;
  output: CollectingOutput;
  send(rows: Value[][]): void;
}

function harness(
  schema: Schema,
  outputs: Partial<MapOutput>[],
  makeFn: (memory: LinearMemory) => MapFunction,
): Harness {
  const memory = testMemory();
  const output = new CollectingOutput(memory, schema);
  const operator = createMap(memory, nodeOf(schema, outputs), makeFn(memory), 8, output, (code, site) => {
    throw new Error(`code ${code} site ${site}`);
  });
  const batch = createBatch(memory, INPUT, 8);
  const send = (rows: Value[][]): void => {
    fillBatch(memory, batch, { schema: INPUT, rows });
    operator.process(batch);
  };
  return { memory, operator, output, send };
}

/** Doubles the first column of the input into the first of the output, for rows below `end`. */
function doubler(memory: LinearMemory, end: number): MapFunction {
  return (input, output) => {
    const from = columnData(memory, input, 0) >>> 3;
    const to = columnData(memory, output, 0) >>> 3;
    const rows = Math.min(memory.load32(input), end);
    for (let row = 0; row < rows; row++) memory.i64[to + row] = 2n * (memory.i64[from + row] as bigint);
    return rows;
  };
}

describe('createMap', () => {
  it('emits the rows that the function wrote, with aliased columns pointing at the input', () => {
    const schema: Schema = [
      { name: 'twice', type: BIGINT, nullable: false },
      { name: 'name', type: VARCHAR, nullable: true },
    ];
    const { output, send } = harness(schema, [{}, { aliased: true, inputColumn: 1 }], (m) => doubler(m, 8));
    send([
      [1n, 'one'],
      [2n, null],
    ]);
    send([[3n, 'three']]);
    expect(output.rows).toEqual([
      [2n, 'one'],
      [4n, null],
      [6n, 'three'],
    ]);
    expect(output.batchRows).toEqual([2, 1]);
  });

  it('emits nothing for a batch without rows', () => {
    const { output, send } = harness([INPUT[0]!], [{}], (m) => doubler(m, 0));
    send([[1n, null]]);
    expect(output.batchRows).toEqual([]);
  });

  it('passes on the rows before a failing one, then fails; a later batch does not fail again', () => {
    let isFailing = true;
    const { output, send } = harness([INPUT[0]!], [{}], (memory) => (input, out) => {
      const rows = doubler(memory, isFailing ? 1 : 8)(input, out);
      if (!isFailing) return rows;
      memory.store32(CELL_ERROR_CODE, ERROR_OVERFLOW);
      memory.store32(CELL_ERROR_SITE, 7);
      return rows;
    });
    expect(() =>
      send([
        [1n, null],
        [2n, null],
      ]),
    ).toThrow(`code ${ERROR_OVERFLOW} site 7`);
    expect(output.rows).toEqual([[2n]]);
    isFailing = false;
    send([[5n, null]]);
    expect(output.rows).toEqual([[2n], [10n]]);
  });

  it('gives back transient memory after each batch, and survives memory that grows meanwhile', () => {
    const { memory, output, send } = harness([INPUT[0]!], [{}], (m) => (input, out) => {
      const rows = doubler(m, 8)(input, out);
      m.kernels.transientAllocate(3_000_000);
      return rows;
    });
    send([[1n, null]]);
    const used = memory.kernels.allocatedBytes();
    const mark = memory.kernels.transientMark();
    for (let i = 0; i < 50; i++) send([[2n, null]]);
    expect(memory.kernels.transientMark()).toBe(mark);
    expect(memory.kernels.allocatedBytes()).toBe(used);
    expect(output.rows).toHaveLength(51);
  });

  it('passes watermarks, idleness and the end on', () => {
    const { memory, operator, output } = harness([INPUT[0]!], [{}], (m) => doubler(m, 8));
    const cell = memory.allocate(8);
    memory.i64[cell >>> 3] = 42n;
    operator.onWatermark(cell);
    operator.onIdle();
    operator.onEnd();
    expect(output.watermarks).toEqual([{ micros: 42n, rowCount: 0 }]);
    expect([output.idleCount, output.endCount]).toEqual([1, 1]);
  });
});
