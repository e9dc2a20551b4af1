import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { READ_SLACK } from '../../kernels/layout.ts';
import {
  POLICY_FAIL,
  POLICY_NULL,
  REASON_FIELD_COUNT,
  REASON_NULL,
  REASON_SYNTAX,
  REASON_TOO_LONG,
  REASON_TYPE,
  REASON_UTF8,
} from '../../kernels/layout-formats.ts';
import { LaminarError } from '../../src/base/errors.ts';
import type { TypeKind } from '../../src/data/type.ts';
import { createCsvDecoder } from '../../src/formats/csv-decoder.ts';
import { growAtEveryBlock } from '../support/growing-memory.ts';
import { testMemory } from '../support/linear-memory.ts';
import { createRandom, pick } from '../support/random.ts';
import { decodeStream } from './decode-stream.ts';
import { BUFFER_BYTES, decoderSpec, decoding } from './decoder-fixture.ts';

const memory = testMemory();
const decode = decoding(memory, createCsvDecoder);
const buffer = memory.allocate(BUFFER_BYTES + READ_SLACK);

describe('fields', () => {
  it('are found by the header in any order, however the bytes arrive', () => {
    const of = decoderSpec([
      ['b', 'BIGINT'],
      ['name, first', 'VARCHAR'],
    ]);
    const input = '\ufeff\r\na,"name, first",b\r\nx,Ada,1\r\n\r\ny,"Grace ""H""",2';
    for (const bytes of [1, 3, 1000]) {
      const got = decode(of, input, { bytes });
      expect(got.rows).toEqual([
        [1n, 'Ada'],
        [2n, 'Grace "H"'],
      ]);
      expect(got.lines).toBe(4);
    }
  });

  it('are found by the header while memory grows', () => {
    const end = growAtEveryBlock();
    const growing = testMemory();
    end();
    const of = decoderSpec([['v', 'VARCHAR']]);
    const got = decoding(growing, createCsvDecoder)(of, '\nv,x\n1,2\n', { bytes: 1 });
    expect(got.rows).toEqual([['1']]);
    expect(got.lines).toBe(3);
  });

  it('are found by place without a header, and again at every split', () => {
    const of = decoderSpec(
      [
        ['x', 'BIGINT'],
        ['y', 'VARCHAR'],
      ],
      { options: { header: false } },
    );
    expect(decode(of, '1,a\n2,b').rows).toEqual([
      [1n, 'a'],
      [2n, 'b'],
    ]);
    const decoder = createCsvDecoder(memory, decoderSpec([['v', 'BIGINT']]));
    const feed = { memory, decoder, buffer, bufferBytes: BUFFER_BYTES, nextRead: () => 100 };
    expect(decodeStream(feed, Buffer.from('v,w\n1,2\n')).rows).toEqual([[1n]]);
    expect(decodeStream(feed, Buffer.from('u,v,w\n1,2,3\n')).rows).toEqual([[2n]]);
    expect(decodeStream(feed, Buffer.from('')).rows).toEqual([]);
  });

  it('are NULL when unquoted and the null text, and text when quoted', () => {
    const columns: [string, TypeKind][] = [
      ['a', 'VARCHAR'],
      ['b', 'BIGINT'],
    ];
    expect(decode(decoderSpec(columns), 'a,b\n,\n"",7\n').rows).toEqual([
      [null, null],
      ['', 7n],
    ]);
    const custom = decoderSpec(columns, { options: { null: 'NA' } });
    expect(decode(custom, 'a,b\nNA,NA\n"NA",7\n,8\n').rows).toEqual([
      [null, null],
      ['NA', 7n],
      ['', 8n],
    ]);
  });

  it('hold delimiters, quotes and line ends between quotes; quotes are text elsewhere', () => {
    const of = decoderSpec([
      ['a', 'VARCHAR'],
      ['b', 'VARCHAR'],
    ]);
    const got = decode(of, 'a,b\n"x,\ny\r\n""z""",5" pipe\n it\'s "so","\r"\n');
    expect(got.rows).toEqual([
      ['x,\ny\r\n"z"', '5" pipe'],
      [' it\'s "so"', '\r'],
    ]);
    expect([got.lines, got.rejects]).toEqual([5, []]);
  });

  it('follow a delimiter and a quote of choice', () => {
    const of = decoderSpec(
      [
        ['a', 'VARCHAR'],
        ['b', 'DOUBLE'],
      ],
      { options: { delimiter: '\t', quote: "'" } },
    );
    expect(decode(of, "a\tb\n'x\t''y'''\t1.5\n\"q\"\t-2\n").rows).toEqual([
      ["x\t'y'", 1.5],
      ['"q"', -2],
    ]);
    expect(() => createCsvDecoder(memory, decoderSpec([], { options: { delimiter: '"' } }))).toThrow(LaminarError);
  });

  it('hold JSON, whose line ends become spaces', () => {
    const got = decode(decoderSpec([['j', 'JSON']]), 'j\n"{""a"":\n[1, 2]}"\n{bad\n"""s"""\n');
    expect(got.rows).toEqual([['{"a": [1, 2]}'], ['"s"']]);
    expect(got.rejects.map((r) => r.reason)).toEqual([REASON_TYPE]);
  });
});

describe('the header', () => {
  it('without a wanted column is refused with its names and the nearest', () => {
    const thrown = (() => {
      try {
        decode(decoderSpec([['price', 'DOUBLE']]), 'symbol,Price,ts\n');
      } catch (error) {
        return error as LaminarError;
      }
    })();
    expect(thrown?.code).toBe('LMN-6009');
    expect(thrown?.message).toBe('the CSV header has no field "price"');
    expect(thrown?.hint).toBe(
      'Did you mean "Price"? The header names "symbol", "Price", "ts". If the first line is data, set header = false.',
    );
  });

  it('that never ends is refused', () => {
    expect(() => decode(decoderSpec([['a', 'DOUBLE']], { maxRecordBytes: 50 }), `a,"${'x'.repeat(100)}`)).toThrow(
      'header is malformed',
    );
  });
});

describe('bad records', () => {
  const columns: [string, TypeKind, 'NOT NULL'?][] = [
    ['a', 'BIGINT'],
    ['b', 'VARCHAR', 'NOT NULL'],
  ];

  it.each([
    ['1,"x" y', REASON_SYNTAX, -1],
    ['1,"never closed', REASON_SYNTAX, -1],
    ['1,x,extra', REASON_FIELD_COUNT, -1],
    ['1', REASON_FIELD_COUNT, -1],
    ['one,x', REASON_TYPE, 0],
    ['1.5,x', REASON_TYPE, 0],
    ['1,', REASON_NULL, 1],
    ['1,\xff', REASON_UTF8, -1],
  ])('%s is refused and its neighbours are untouched', (record, reason, column) => {
    const input = Buffer.from(`a,b\n1,x\n${record}\n2,y\n\n3,"z"\n`, 'latin1');
    const got = decode(decoderSpec(columns), input);
    expect(got.rows).toEqual(
      [
        [1n, 'x'],
        [2n, 'y'],
        [3n, 'z'],
      ].slice(0, got.rows.length),
    );
    expect(got.rows.length).toBe(3);
    expect(got.rejects).toEqual([{ reason, column, line: 2, offset: 8, text: record }]);
    const strict = decode(decoderSpec(columns, { policy: POLICY_FAIL }), input);
    expect([strict.rows.length, strict.rejects.length, strict.lines]).toEqual([1, 1, 2]);
  });

  it('become NULL in the bad field where policy and column allow it', () => {
    const got = decode(decoderSpec(columns, { policy: POLICY_NULL }), 'a,b\nno,x\n1,\n99999999999999999999,"y"\n');
    expect(got.rows).toEqual([
      [null, 'x'],
      [null, 'y'],
    ]);
    expect([got.nulled, got.rejects.map((r) => r.reason)]).toEqual([2, [REASON_NULL]]);
  });

  it('that are many keep their order, their lines, and the rows between them', () => {
    const records = Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? `bad${i},x` : `${i},x${i}`));
    const got = decode(decoderSpec(columns, { capacity: 1000 }), `a,b\n${records.join('\n')}`, {
      bytes: 20_000,
    });
    expect(got.rows).toEqual(records.flatMap((_, i) => (i % 3 === 0 ? [] : [[BigInt(i), `x${i}`]])));
    expect(got.rejects.map((r) => [r.line, r.text])).toEqual(
      records.flatMap((text, i) => (i % 3 === 0 ? [[i + 1, text]] : [])),
    );
  });

  it('that are too long are passed over without being held, line by line', () => {
    const limited = decoderSpec(columns, { maxRecordBytes: 50 });
    const long = `1,${'x'.repeat(5000)}`;
    const open = `1,"${'y'.repeat(20)}\n2,${'y'.repeat(20)}\n3,${'y'.repeat(20)}\n4,z`;
    for (const bytes of [1, 40, 90]) {
      const got = decode(limited, `a,b\n1,x\n${long}\n2,y\n${open}`, { bytes, buffer: 120 });
      expect(got.rejects.map((r) => [r.reason, r.line, r.text])).toEqual([
        [REASON_TOO_LONG, 2, long.slice(0, 50)],
        [REASON_TOO_LONG, 4, open.split('\n')[0]],
      ]);
      expect(got.rows.map((row) => row[0])).toEqual([1n, 2n, 2n, 3n, 4n]);
    }
  });
});

describe('against DuckDB', () => {
  it('reads clean files alike', async () => {
    const random = createRandom(11);
    const texts = ['plain', 'größe', 'with, comma', 'with "quote"', 'two\nlines', ' spaced ', 'x'.repeat(70)];
    const times = ['2024-02-29 12:34:56', '2023-01-01 00:00:00.5', '1969-12-31 23:59:59.999999'];
    const quoted = (text: string) =>
      /[",\n]/.test(text) || random.below(3) === 0 ? `"${text.replaceAll('"', '""')}"` : text;
    const lines = Array.from({ length: 4000 }, (_, i) => {
      const number = (random.below(2_000_000) - 1_000_000) / pick(random, [1, 10, 100, 1000, 7]);
      const optional = random.below(4) === 0 ? '' : String(random.below(1000) - 500);
      return [quoted(pick(random, texts)), number, optional, quoted(pick(random, times)), i % 2 === 0].join(',');
    });
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-csv-')), 'clean.csv');
    const input = `t,d,i,w,flag\n${lines.join('\n')}\n`;
    fs.writeFileSync(file, input);
    const of = decoderSpec([
      ['t', 'VARCHAR'],
      ['d', 'DOUBLE'],
      ['i', 'BIGINT'],
      ['w', 'TIMESTAMP'],
      ['flag', 'BOOLEAN'],
    ]);
    const got = decode(of, input, { bytes: 5000 });
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const types = "{t: 'VARCHAR', d: 'DOUBLE', i: 'BIGINT', w: 'TIMESTAMP', flag: 'BOOLEAN'}";
    const reader = await connection.runAndReadAll(
      `SELECT t, d, i, epoch_us(w) AS w, flag FROM read_csv('${file}', columns = ${types}, header = true, quote = '"', escape = '"')`,
    );
    fs.rmSync(path.dirname(file), { recursive: true });
    expect(got.rejects).toEqual([]);
    expect(got.rows).toEqual(reader.getRows());
  });
});
