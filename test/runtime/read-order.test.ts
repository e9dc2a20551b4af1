// Sources that are joined are read so that none runs away from the others, and none is kept from being read.
import { describe, expect, it } from 'vitest';
import { joinedSources, ReadOrder } from '../../src/runtime/read-order.ts';
import { compilePipeline } from '../../src/sql/compile.ts';

/** A source that has `batches` batches of `micros` each. */
class FakeSource {
  isEnded = false;
  watermarkMicros = Number.NaN;
  turns = 0;
  hasInput = true;
  readonly #micros: number;

  constructor(micros: number, start = Number.NaN) {
    this.#micros = micros;
    this.watermarkMicros = start;
  }

  turn(): boolean {
    this.turns++;
    if (!this.hasInput) return false;
    this.watermarkMicros = (Number.isNaN(this.watermarkMicros) ? 0 : this.watermarkMicros) + this.#micros;
    return true;
  }
}

const round = (order: ReadOrder, count: number): boolean[] =>
  Array.from({ length: count }, (_, index) => order.turn(index));

describe('ReadOrder', () => {
  it('keeps sources that are joined together, however much time a batch of each is', () => {
    const sources = [new FakeSource(10), new FakeSource(37)];
    const order = new ReadOrder(sources, [[1], [0]]);
    for (let n = 0; n < 1000; n++) {
      round(order, 2);
      const [a, b] = sources.map((source) => source.watermarkMicros) as [number, number];
      expect(Math.abs(a - b)).toBeLessThanOrEqual(47);
    }
  });

  it('reads a source that is ahead while the one behind has nothing, or has ended', () => {
    const behind = new FakeSource(10);
    const ahead = new FakeSource(10, 1000);
    const order = new ReadOrder([behind, ahead], [[1], [0]]);
    round(order, 2);
    round(order, 2);
    expect(ahead.turns).toBe(0);
    behind.hasInput = false;
    expect(round(order, 2)).toEqual([false, true]);
    expect(ahead.turns).toBe(1);
    behind.hasInput = true;
    round(order, 2);
    behind.isEnded = true;
    order.turn(1);
    expect(ahead.turns).toBe(2);
  });

  it('never says that there is nothing to do where it passed a source over: the core would go to sleep', () => {
    const behind = new FakeSource(10);
    const ahead = new FakeSource(10, 1000);
    const order = new ReadOrder([ahead, behind], [[1], [0]]);
    round(order, 2);
    behind.hasInput = false;
    expect(round(order, 2)).toEqual([true, false]);
    ahead.hasInput = false;
    expect(round(order, 2)).toEqual([false, false]);
  });

  it('passes a source over 64 times in a row at most, and never one that is joined with none', () => {
    const sources = [new FakeSource(1), new FakeSource(1, 1e9), new FakeSource(1, 2e9)];
    const order = new ReadOrder(sources, [[1], [0], []]);
    for (let n = 0; n < 650; n++) round(order, 3);
    expect(sources.map(({ turns }) => turns)).toEqual([650, 10, 650]);
  });
});

describe('joinedSources', () => {
  const source = (name: string): string =>
    `CREATE SOURCE ${name} (k BIGINT, ts TIMESTAMP, WATERMARK FOR ts) FROM FILE (path = '${name}.ndjson', format = 'json');`;
  const sink = "INTO FILE (path = 'out.ndjson', format = 'json');";

  it('are those that a join in event time brings together, through whatever is between', () => {
    const text = `${['a', 'b', 'c', 'd'].map(source).join('\n')}
CREATE STREAM all_a AS SELECT k, ts FROM a WHERE k > 1 UNION ALL SELECT k, ts FROM d;
CREATE SINK near AS SELECT x.k FROM all_a x JOIN b y ON x.k = y.k AND x.ts BETWEEN y.ts AND y.ts + INTERVAL '1' SECOND ${sink}
CREATE SINK alone AS SELECT k FROM c ${sink.replace('out', 'alone')}`;
    const { plan } = compilePipeline(text, { fileName: 'test.lsql', variables: {} });
    const ids = plan.nodes.filter(({ kind }) => kind === 'source').map(({ id }) => id);
    const names = joinedSources(plan.nodes, ids).map((others) => others.map((other) => ids[other]));
    expect(Object.fromEntries(ids.map((id, n) => [id, names[n]]))).toEqual({
      a: ['b'],
      b: ['a', 'd'],
      c: [],
      d: ['b'],
    });
  });

  it('are not those of a join without a time', () => {
    const text = `${['a', 'b'].map(source).join('\n')}
CREATE SINK same AS SELECT x.k FROM a x JOIN b y ON x.k = y.k ${sink}`;
    const { plan } = compilePipeline(text, { fileName: 'test.lsql', variables: {} });
    expect(joinedSources(plan.nodes, ['a', 'b'])).toEqual([[], []]);
  });
});
