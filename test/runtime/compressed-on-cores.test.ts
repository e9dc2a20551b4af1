// Compressed files on several cores: one decompresses, all decode, and what comes out is that of one core.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { DurableParts } from '../../src/runtime/core.ts';
import type { Snapshot } from '../../src/state/snapshot.ts';
import { type CoresInput, runOnCores } from '../support/cores.ts';
import { preparePipeline, runPipeline, textsOf } from '../support/pipeline.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-compressed-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const ROWS = Array.from({ length: 12_000 }, (_, n) => {
  const row = {
    k: `key ${n % 7}`,
    v: n,
    ts: 1_700_000_000_000 + n * 20 + ((n * 7919) % 900),
    padding: 'x'.repeat(n % 300),
  };
  return n === 8000 ? '{"k": broken' : JSON.stringify(row);
});
const TEXT = Buffer.from(`${ROWS.join('\n')}\n`);

function write(name: string, bytes: Uint8Array): void {
  fs.writeFileSync(path.join(folder, name), bytes);
}

write('whole.gz', zlib.gzipSync(TEXT));
write('whole.zst', zlib.zstdCompressSync(TEXT));
write('members.gz', Buffer.concat([0, 1, 2].map(() => zlib.gzipSync(TEXT.subarray(0, 70_000)))));
write('cut.gz', zlib.gzipSync(TEXT).subarray(0, 40_000));
write('corrupt.zst', Buffer.concat([zlib.zstdCompressSync(TEXT), Buffer.from('no frame at all')]));
write('empty.gz', zlib.gzipSync(''));
for (const n of [1, 2, 3])
  write(`part-${n}.gz`, zlib.gzipSync(Buffer.from(`${ROWS.slice(n * 3000 - 3000, n * 3000).join('\n')}\n`)));
write('part-4.json', Buffer.from(`${ROWS.slice(0, 500).join('\n')}\n`));

const source = (file: string, onError: string) =>
  `CREATE SOURCE t (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
   FROM FILE (path = '${path.join(folder, file)}', on_error = '${onError}', splits = 'sequential');`;

const QUERIES = [
  'SELECT k, v FROM t WHERE v % 3 = 0',
  "SELECT k, window_start, COUNT(*) AS n, LAST_VALUE(v) AS v FROM t GROUP BY k, TUMBLE(ts, INTERVAL '5' SECOND)",
];

test.each([
  'whole.gz',
  'whole.zst',
  'members.gz',
  'cut.gz',
  'corrupt.zst',
  'empty.gz',
  'part-*',
])('%s: the same as on one core, and the same bytes read', async (file) => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        cores: fc.integer({ min: 2, max: 4 }),
        chunkBytes: fc.constantFrom(5000, 1 << 16, 1 << 18),
        seed: fc.integer(),
        exchangeBytes: fc.constantFrom(0, 1 << 20),
      }),
      fc.constantFrom('skip', 'fail'),
      fc.constantFrom(...QUERIES),
      async (how, onError, query) => {
        const text = `${source(file, onError)} ${query};`;
        const one = await runPipeline({ text, isOnOneCore: true });
        const several = await runOnCores({ ...how, text, inputs: {}, sharing: 'offset' });
        expect(several.error?.message).toBe(one.error?.message);
        expect(several.output === one.output).toBe(true);
        if (one.error !== null) return;
        const [[a], [b]] = [one.progress.sources, several.progress.sources];
        for (const name of ['rows', 'bytes', 'rejected', 'watermark'] as const) expect(b?.[name]).toBe(a?.[name]);
      },
    ),
    { numRuns: 5 },
  );
});

test('a run that goes on from a checkpoint decompresses what is before it, whatever the cores before were', async () => {
  const text = `${source('whole.gz', 'skip')} SELECT v FROM t;`;
  const { output } = await runPipeline({ text, isOnOneCore: true });
  const taken: Snapshot[] = [];
  const first = await prepare(text, { restored: null, logs: null, give: ({ snapshot }) => taken.push(snapshot) });
  first.control.askForCheckpoint(1);
  for (let turn = 0; turn < 40; turn++) first.core.turn();
  first.core.checkpoint();
  const [snapshot] = structuredClone(taken);
  const written = (Object.values(textsOf(first.outputs))[0] ?? '').slice(0, snapshot?.sinks[0]?.bytes);
  expect(written.length).toBeGreaterThan(100);
  const given: CoresInput = { ...{ text, inputs: {}, cores: 3, chunkBytes: 20_000, sharing: 'offset', seed: 9 } };
  const rest = await runOnCores({ ...given, durable: { restored: snapshot ?? null, logs: null, give: () => {} } });
  expect(rest.error).toBeNull();
  expect(written + rest.output === output).toBe(true);
});

function prepare(text: string, durable: DurableParts) {
  return preparePipeline({ text, batchRows: 100, durable, link: () => null });
}
