// What a core's time goes into: small turns are measured by sample, and no source may fall through it.

import { expect, test } from 'vitest';
import { Meter } from '../../src/runtime/meter.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { compilePipeline } from '../../src/sql/compile.ts';

const TEXT = `CREATE SOURCE t (a BIGINT); SELECT a FROM t;`;

/** How many turns of each source are said to have been, where sources take turns one after another. */
function countedTurns(sources: number, rounds: number): number[] {
  const { plan } = compilePipeline(TEXT, { fileName: 'p.lsql', variables: {} });
  const meter = new Meter(new Telemetry(plan));
  const counted = new Array<number>(sources).fill(0);
  meter.beginTurn(0);
  meter.endTurn(1);
  for (let turn = 0; turn < sources * rounds; turn++) {
    meter.beginTurn(0);
    counted[turn % sources]! += meter.weight;
    meter.endTurn(1);
  }
  return counted;
}

test.each([
  1, 2, 3, 4, 8, 16, 17,
])('of %i sources with small turns each has about the turns that it takes', (sources) => {
  const rounds = 4000;
  for (const turns of countedTurns(sources, rounds)) {
    expect(turns).toBeGreaterThan(rounds * 0.7);
    expect(turns).toBeLessThan(rounds * 1.3);
  }
});
