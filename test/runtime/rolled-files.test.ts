// Rolled FILE sinks through the whole product: which rows are in which file depends on the rows alone, not on batches, cores
// or compression; and each file is read by others by itself.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runOnCores } from '../support/cores.ts';
import { preparePipeline, runPipeline } from '../support/pipeline.ts';
import { createRandom, often, pick, type Random } from '../support/random.ts';

const RUNS = often(24);

let folder = '';
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-rolled-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const SOURCE = `CREATE SOURCE t (k VARCHAR, n INTEGER, d DOUBLE, ts TIMESTAMP) FROM STDIN (format = 'json');`;
const sinkOf = (options: string) =>
  `${SOURCE} CREATE SINK o AS SELECT * FROM t WHERE n % 7 <> 0 INTO FILE (path = '${folder}/${options});`;

/** Names and contents of the files, in their order. */
function files(): [string, Buffer][] {
  const found = fs.readdirSync(folder).sort();
  return found.map((name) => [name, fs.readFileSync(path.join(folder, name))]);
}

interface Row {
  k: string | null;
  n: number;
  d: number;
  ts: number;
}

function rowsOf(random: Random, count: number): Row[] {
  const parts = ['x', 'y, z', '"', '\n', 'é', 'line\nend', ' '];
  return Array.from({ length: count }, (_, i) => ({
    k: random.below(6) === 0 ? null : Array.from({ length: random.below(9) }, () => pick(random, parts)).join(''),
    n: random.below(1000),
    d: random.below(1000) / 8,
    ts: 1.7e12 + i * 1000,
  }));
}

const inputOf = (rows: readonly Row[]) => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

/** The rows of a text, each with its line end; one within quotes is none in CSV, and escaped in JSON. */
function rowTexts(text: string, format = 'csv'): string[] {
  if (format === 'json') return text.split(/(?<=\n)/);
  const rows: string[] = [];
  let begin = 0;
  let quotes = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') quotes++;
    if (text[at] !== '\n' || quotes % 2 === 1) continue;
    rows.push(text.slice(begin, at + 1));
    begin = at + 1;
  }
  return rows;
}

/** Rows in files: each takes as many as fit, one in any case. */
function fill<T>(
  rows: readonly T[],
  most: number,
  { bytesOf, head = 0 }: { bytesOf: (row: T) => number; head?: number },
) {
  const parts: T[][] = [];
  let bytes = 0;
  for (const row of rows) {
    const own = bytesOf(row);
    if (parts.length === 0 || bytes + own > most) {
      parts.push([row]);
      bytes = head + own;
    } else {
      (parts.at(-1) as T[]).push(row);
      bytes += own;
    }
  }
  return parts;
}

const unpack = (compression: string, bytes: Buffer): Buffer =>
  compression === 'gzip' ? gunzipSync(bytes) : compression === 'zstd' ? zstdDecompressSync(bytes) : bytes;

describe('rolled files', () => {
  it('have the same rows in the same files whatever batches, cores and compression are', {
    timeout: 60_000,
  }, async () => {
    for (let seed = 0; seed < RUNS; seed++) {
      const random = createRandom(seed);
      const rows = rowsOf(random, 20 + random.below(180));
      const format = pick(random, ['json', 'csv', 'arrow']);
      const compression = pick(random, ['none', 'gzip', 'zstd']);
      const most = 1024 + random.below(2000);
      const plain = await runPipeline({ text: sinkOf(`plain' , format = '${format}'`), input: inputOf(rows) });
      expect(plain.error).toBe(null);
      const whole = fs.readFileSync(path.join(folder, 'plain'));
      fs.rmSync(path.join(folder, 'plain'));
      const roll = `o.${format}', format = '${format}', compression = '${compression}', roll_bytes = ${most}`;
      const { error } = await runOnCores({
        text: sinkOf(roll),
        inputs: { '*': { stdin: inputOf(rows) } },
        batchRows: 1 + random.below(90),
        cores: 1 + random.below(3),
        chunkBytes: 200 + random.below(3000),
        sharing: pick(random, ['turns', 'offset'] as const),
        seed,
      });
      expect(error).toBe(null);
      const found = files();
      const names = found.map(([name]) => name);
      expect(names).toEqual(found.map((_, i) => `o-${String(i + 1).padStart(6, '0')}.${format}`));
      const contents = found.map(([, bytes]) => unpack(compression, bytes));
      if (format === 'arrow') {
        const values = tableFromIPC(whole).toArray().map(String);
        const wanted = rows.filter(({ n }) => n % 7 !== 0);
        const bytesOf = ({ k }: Row) => 4 + Buffer.byteLength(k ?? '') + 4 + 8 + 8;
        const counts = fill(wanted, most, { bytesOf }).map((part) => part.length);
        const tables = contents.map((bytes) => tableFromIPC(bytes).toArray().map(String));
        expect(tables.map((table) => table.length)).toEqual(counts);
        expect(tables.flat()).toEqual(values);
      } else {
        const [first = '', ...others] = rowTexts(whole.toString(), format);
        const header = format === 'csv' ? first : '';
        const texts = header === '' && first !== '' ? [first, ...others] : others;
        const head = Buffer.byteLength(header);
        const parts = fill(texts, most, { bytesOf: (text) => Buffer.byteLength(text), head });
        expect(contents.map(String)).toEqual(parts.map((part) => header + part.join('')));
        for (const bytes of contents) expect(bytes.length).toBeLessThanOrEqual(most);
      }
      for (const name of names) fs.rmSync(path.join(folder, name));
    }
  });

  it('are read by others one by one, and together', async () => {
    const rows = rowsOf(createRandom(3), 400);
    const { error } = await runPipeline({ text: sinkOf(`o.csv.gz', roll_bytes = '2KB'`), input: inputOf(rows) });
    expect(error).toBe(null);
    const connection = await (await DuckDBInstance.create()).connect();
    const count = async (name: string) => {
      const query = `SELECT COUNT(*)::INTEGER, SUM(n)::INTEGER FROM read_csv('${folder}/${name}', header = true)`;
      return (await connection.runAndReadAll(query)).getRows()[0] as [number, number];
    };
    const wanted = rows.filter(({ n }) => n % 7 !== 0);
    expect(files().length).toBeGreaterThan(4);
    expect(await count('o-*.csv.gz')).toEqual([wanted.length, wanted.reduce((sum, { n }) => sum + n, 0)]);
    let sum = 0;
    for (const [name] of files()) sum += (await count(name))[0];
    expect(sum).toBe(wanted.length);
  });

  it('of Debezium hold whole envelopes, and of rows that do not come there are none', async () => {
    const text = `${SOURCE} CREATE SINK o AS SELECT k, COUNT(*) AS c FROM t GROUP BY k EMIT CHANGES
      INTO FILE (path = '${folder}/o.json', format = 'debezium', roll_bytes = 1024);`;
    const input = inputOf(rowsOf(createRandom(5), 60));
    expect((await runPipeline({ text, input })).error).toBe(null);
    const found = files();
    expect(found.length).toBeGreaterThan(2);
    for (const [, bytes] of found) {
      expect(bytes.length).toBeLessThanOrEqual(1024);
      for (const line of bytes.toString().trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('op');
    }
    for (const [name] of found) fs.rmSync(path.join(folder, name));
    for (const format of ['json', 'csv', 'arrow']) {
      const none = sinkOf(`o.x', format = '${format}', roll_bytes = '1KB'`);
      expect((await runPipeline({ text: none, input: '' })).error).toBe(null);
      expect(files()).toEqual([]);
    }
  });

  it('end by the clock, also while no rows come, and each is whole', async () => {
    for (const format of ['csv', 'arrow']) {
      let time = 1.8e12;
      const { core } = await preparePipeline({
        text: sinkOf(`o.${format}', roll_every = '1 minute'`),
        input: inputOf(rowsOf(createRandom(1), 30)),
        batchRows: 10,
        now: () => time,
      });
      const turns = (count: number) => {
        for (let turn = 0; turn < count; turn++) core.turn();
      };
      turns(1);
      for (const sink of core.parts.sinks) sink.flush();
      expect(files().map(([name]) => name)).toEqual([`.o-000001.${format}.inprogress`]);
      time += 59_999;
      for (const sink of core.parts.sinks) sink.flush();
      expect(files().map(([name]) => name)).toEqual([`.o-000001.${format}.inprogress`]);
      time += 1;
      for (const sink of core.parts.sinks) sink.flush();
      expect(files().map(([name]) => name)).toEqual([`o-000001.${format}`]);
      core.run();
      const found = files();
      expect(found.map(([name]) => name)).toEqual([`o-000001.${format}`, `o-000002.${format}`]);
      const lengths = found.map(([, bytes]) =>
        format === 'arrow' ? tableFromIPC(bytes).numRows : rowTexts(bytes.toString()).length - 1,
      );
      const wanted = rowsOf(createRandom(1), 30).map(({ n }) => (n % 7 === 0 ? 0 : 1) as number);
      const countOf = (begin: number, end: number) => wanted.slice(begin, end).reduce((sum, one) => sum + one, 0);
      expect(lengths).toEqual([countOf(0, 10), countOf(10, 30)]);
      for (const [name] of found) fs.rmSync(path.join(folder, name));
    }
  });

  it('of a run that fails keep the last one in progress', async () => {
    const input = `${inputOf(rowsOf(createRandom(2), 90))}{"broken\n`;
    const { error } = await runPipeline({ text: sinkOf(`o.ndjson', roll_bytes = '1KB'`), input, batchRows: 8 });
    expect(error).toMatchObject({ code: 'LMN-6001' });
    const names = files().map(([name]) => name);
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter((name) => name.startsWith('.'))).toEqual([
      `.o-${String(names.length).padStart(6, '0')}.ndjson.inprogress`,
    ]);
  });
});
