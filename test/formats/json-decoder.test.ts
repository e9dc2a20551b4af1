import { describe, expect, it } from 'vitest';
import {
  POLICY_FAIL,
  POLICY_NULL,
  REASON_NOT_OBJECT,
  REASON_NULL,
  REASON_RANGE,
  REASON_SYNTAX,
  REASON_TOO_LONG,
  REASON_TYPE,
  REASON_UTF8,
} from '../../kernels/layout-formats.ts';
import { createCsvDecoder } from '../../src/formats/csv-decoder.ts';
import type { DecoderSpec } from '../../src/formats/decoder-spec.ts';
import { createJsonDecoder } from '../../src/formats/json-decoder.ts';
import { rejectError } from '../../src/formats/rejects.ts';
import type { SourceNode } from '../../src/plan/source-node.ts';
import { testMemory } from '../support/linear-memory.ts';
import { type ColumnSpec, decoderSpec, decoding } from './decoder-fixture.ts';

const memory = testMemory();
const decode = decoding(memory, createJsonDecoder);

/** Decodes the record both the long way and, after others of its shape, by a template; both must agree. */
function values(columns: ColumnSpec[], record: string, more: Partial<DecoderSpec> = {}) {
  const alone = decode(decoderSpec(columns, more), record);
  const many = decode(decoderSpec(columns, more), `${record}\n`.repeat(3));
  for (const row of many.rows) expect(row).toEqual(alone.rows[0]);
  expect(many.rows.length + many.rejects.length).toBe(3);
  return alone.rows[0] ?? alone.rejects[0]?.reason;
}

describe('values', () => {
  it('keeps 64-bit integers exact and refuses what is not one', () => {
    const cases: [string, bigint | number][] = [
      ['9007199254740993', 9007199254740993n],
      ['-9223372036854775808', -(2n ** 63n)],
      ['"9223372036854775807"', 2n ** 63n - 1n],
      ['1e3', 1000n],
      ['1.0', 1n],
      ['9223372036854775808', REASON_RANGE],
      ['1.5', REASON_TYPE],
      ['"x"', REASON_TYPE],
      ['""', REASON_TYPE],
      ['true', REASON_TYPE],
      ['[1]', REASON_TYPE],
    ];
    for (const [text, want] of cases) {
      const got = values([['a', 'BIGINT']], `{"a":${text}}`);
      expect([text, Array.isArray(got) ? got[0] : got]).toEqual([text, want]);
    }
  });

  it('writes numbers, words and nested values as text where text is wanted', () => {
    for (const text of ['1.50', 'true', '{"x": [1,\t2]}', '[]', '-0']) {
      expect(values([['a', 'VARCHAR']], `{"a":${text}}`)).toEqual([text]);
      expect(values([['a', 'JSON']], `{"a":${text}}`)).toEqual([text]);
    }
    expect(values([['a', 'JSON']], '{"a":"s\\n"}')).toEqual(['"s\\n"']);
    expect(values([['a', 'VARCHAR']], '{"a":"s\\n\\ud83d\\ude00\\u0000"}')).toEqual(['s\n😀\u0000']);
    expect(values([['a', 'VARCHAR']], '{"a":"\\ud83d alone"}')).toEqual(['\ufffd alone']);
  });

  it('rounds doubles of any length as JSON.parse does, in templates and in CSV', () => {
    const texts = [
      '0.1',
      '-0',
      '9007199254740993',
      '123456789012345678.9',
      '1.7976931348623157e308',
      '0.00000000000000000012',
    ];
    for (let i = 0; i < 3000; i++) {
      const value = (Math.random() - 0.5) * 10 ** ((i % 30) - 10);
      texts.push(JSON.stringify(value), value.toFixed(i % 20), String(Math.trunc(value)));
    }
    const want = texts.map((text) => [Number(text)]);
    const json = decode(
      decoderSpec([['a', 'DOUBLE']], { capacity: 100 }),
      texts.map((text) => `{"a":${text}}`).join('\n'),
    );
    expect(json.rows).toEqual(want);
    const csv = decoding(memory, createCsvDecoder)(
      decoderSpec([['a', 'DOUBLE']], { options: { header: false } }),
      texts.join('\n'),
    );
    expect(csv.rows).toEqual(want);
  });

  it('reads times as numbers of the unit, cut to µs, and as text with any offset', () => {
    const of = (text: string, timestampUnit: 's' | 'ms' | 'us' | 'ns') => {
      const base = decoderSpec([['t', 'TIMESTAMP']]);
      const fields = base.fields.map((field) => ({ ...field, timestampUnit }));
      return values([['t', 'TIMESTAMP']], `{"t":${text}}`, { fields });
    };
    expect(of('1699999999392', 'ms')).toEqual([1699999999392000n]);
    expect(of('1699999999392.7891', 'ms')).toEqual([1699999999392789n]);
    expect(of('1699999999.392', 's')).toEqual([1699999999392000n]);
    expect(of('-1', 's')).toEqual([-1000000n]);
    expect(of('1699999999392001999', 'ns')).toEqual([1699999999392001n]);
    expect(of('1699999999392001', 'us')).toEqual([1699999999392001n]);
    expect(of('99999999999999', 's')).toBe(REASON_RANGE);
    expect(of('"1699999999392"', 'ms')).toEqual([1699999999392000n]);
    expect(of('"2023-11-14T22:13:19.392Z"', 'ms')).toEqual([1699999999392000n]);
    expect(of('"2023-11-15T00:13:19.392+02:00"', 'ms')).toEqual([1699999999392000n]);
    expect(of('"2023-11-31T00:00:00Z"', 'ms')).toBe(REASON_TYPE);
    // The parser of times would ignore the tab; JSON does not.
    expect(of('"\t2023-11-14T22:13:19"', 'ms')).toBe(REASON_SYNTAX);
    expect(of('"2023-11-14T22:13:19\t"', 'ms')).toBe(REASON_SYNTAX);
  });

  it('finds fields by path through objects and arrays, and the whole record', () => {
    const columns: ColumnSpec[] = [
      [['user', 'id'], 'BIGINT'],
      [['list', 1], 'VARCHAR'],
      [['list', 2, 'x'], 'BOOLEAN'],
      [['user', 'none'], 'VARCHAR'],
      [[], 'JSON'],
    ];
    const record = '{"noise":{"id":[{}]},"user":{"name":"n","id":7},"list":["a","b",{"x":true}]}';
    expect(values(columns, ` ${record} `)).toEqual([7n, 'b', true, null, record]);
    expect(values(columns, '{"user":5,"list":{"1":"b"}}')).toEqual([
      null,
      null,
      null,
      null,
      '{"user":5,"list":{"1":"b"}}',
    ]);
  });

  it('lets the last of duplicate keys win at every level', () => {
    expect(values([['a', 'BIGINT']], '{"a":"bad","a":2}')).toEqual([2n]);
    expect(values([['a', 'BIGINT', 'NOT NULL']], '{"a":1,"a":null}')).toBe(REASON_NULL);
    expect(values([[['u', 'id'], 'BIGINT']], '{"u":{"id":1},"u":{"name":"x"}}')).toEqual([null]);
    expect(values([[['u', 'id'], 'BIGINT']], '{"u":{"id":1},"u":3}')).toEqual([null]);
    expect(values([['a', 'BIGINT']], '{"a":1,"\\u0061":2}')).toEqual([2n]);
  });
});

describe('bad records', () => {
  const columns: ColumnSpec[] = [
    ['a', 'BIGINT'],
    ['b', 'VARCHAR', 'NOT NULL'],
  ];
  const good = '{"a":1,"b":"x"}';
  const bad: [string, number, number][] = [
    ['{"a":1,"b":"x"', REASON_SYNTAX, -1],
    ['{"a":1,"b":"x"}}', REASON_SYNTAX, -1],
    ['{"a":01,"b":"x"}', REASON_SYNTAX, -1],
    ['{"a":1,"b":"x" "c":1}', REASON_SYNTAX, -1],
    ['{"a":1,"b":"\\q"}', REASON_SYNTAX, -1],
    ['[1]', REASON_NOT_OBJECT, -1],
    ['"text"', REASON_NOT_OBJECT, -1],
    ['{"a":1.5,"b":"x"}', REASON_TYPE, 0],
    ['{"a":99999999999999999999,"b":"x"}', REASON_RANGE, 0],
    ['{"a":1}', REASON_NULL, 1],
    ['{"a":1,"b":null}', REASON_NULL, 1],
  ];

  it.each(bad)('%s is refused and its neighbours are untouched', (record, reason, column) => {
    const got = decode(decoderSpec(columns), [good, good, record, good, '', record, good].join('\r\n'));
    expect(got.rows).toEqual(Array.from({ length: 4 }, () => [1n, 'x']));
    expect(got.rejects.map((r) => [r.reason, r.column, r.line, r.text])).toEqual([
      [reason, column, 2, record],
      [reason, column, 5, record],
    ]);
    const failing = decode(decoderSpec(columns, { policy: POLICY_FAIL }), [good, good, record, good].join('\n'));
    expect([failing.rows.length, failing.rejects.length, failing.lines]).toEqual([2, 1, 2]);
  });

  it('becomes NULL in the bad field only where the policy and the column allow it', () => {
    const records = ['{"a":"no","b":"x"}', '{"a":1.5,"b":"y"}', '{"a":1}', '{"a":2,"b":"z"}', '{"a":'];
    const got = decode(decoderSpec(columns, { policy: POLICY_NULL }), records.join('\n'));
    expect(got.rows).toEqual([
      [null, 'x'],
      [null, 'y'],
      [2n, 'z'],
    ]);
    expect(got.nulled).toBe(2);
    expect(got.rejects.map((r) => r.reason)).toEqual([REASON_NULL, REASON_SYNTAX]);
  });

  it('is refused when not UTF-8, in strings wanted and not, keys and between', () => {
    for (const [before, after] of [
      ['{"a":1,"b":"', '"}'],
      ['{"a":1,"b":"x","c":"', '"}'],
      ['{"a":1,"b":"x","c', '":1}'],
      ['{"a":1,', '"b":"x"}'],
      ['{"a":1,"b":"x","c":["', '"]}'],
    ] as const) {
      for (const bytes of [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
        const record = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
        const newline = Buffer.from('\n');
        const plain = Buffer.from(`${before}${after}`.replace('{"a":1,"b"', '{"a":1,"b"'));
        const got = decode(
          decoderSpec(columns),
          Buffer.concat([plain, newline, plain, newline, record, newline, Buffer.from(good)]),
        );
        expect(got.rejects.map((r) => r.reason)).toContain(REASON_UTF8);
        expect(got.rows.at(-1)).toEqual([1n, 'x']);
      }
    }
  });

  it('is refused when too long, even when the buffer never holds it, and the next record is read', () => {
    const long = `{"a":1,"b":"${'x'.repeat(50_000)}"}`;
    const limited = decoderSpec(columns, { maxRecordBytes: 100 });
    for (const bytes of [1, 7, 64, 150]) {
      const got = decode(limited, `${good}\n${long}\n${good}\n${long}`, { bytes, buffer: 160 });
      expect(got.rows).toEqual([
        [1n, 'x'],
        [1n, 'x'],
      ]);
      expect(got.rejects).toEqual([
        { reason: REASON_TOO_LONG, column: -1, line: 1, offset: 16, text: long.slice(0, 100) },
        { reason: REASON_TOO_LONG, column: -1, line: 3, offset: 50_047, text: long.slice(0, 100) },
      ]);
      expect(got.lines).toBe(3);
    }
    const exact = `{"a":1,"b":"${'x'.repeat(86)}"}`;
    expect(decode(limited, `${exact}\r\n${exact}\r\n${exact}`, { bytes: 9, buffer: 160 }).rows.length).toBe(3);
    expect(decode(limited, `${exact} \n${exact}\n${exact} `).rejects.length).toBe(2);
  });

  it('is refused when nested without end, not run out of stack', () => {
    const deep = '['.repeat(60_000);
    const wide = decoderSpec(columns, { maxRecordBytes: 60_100 });
    expect(decode(wide, `{"c":${deep}\n${good}`).rejects[0]?.reason).toBe(REASON_SYNTAX);
    const nested = `{"a":1,"b":"x","c":${'[{"x":'.repeat(1000)}1${'}]'.repeat(1000)}}`;
    expect(decode(wide, `${nested}\n`.repeat(3)).rows.length).toBe(3);
  });

  it('is described in words for errors and dead letters', () => {
    const node = {
      schema: decoderSpec(columns).schema,
      fields: decoderSpec(columns).fields,
      format: { kind: 'json', options: {} },
    };
    const of = (reason: number, column: number) =>
      rejectError({ reason, column, recordAddress: 0, recordBytes: 9, line: 0, position: 5 }, {
        ...node,
        maxRecordBytes: 100,
      } as unknown as SourceNode);
    expect(of(REASON_SYNTAX, -1)).toEqual({ code: 'LMN-6001', message: 'malformed JSON at byte 6 of the record' });
    expect(of(REASON_TYPE, 0).message).toBe('column a (BIGINT) does not fit its type, at byte 6 of the record');
    expect(of(REASON_NULL, 1).message).toBe('column b (VARCHAR) is NULL or missing, but may not be');
    expect(of(REASON_TOO_LONG, -1).message).toBe('the record is longer than max_record_bytes = 100');
  });
});

describe('lines', () => {
  it('takes a byte order mark however it arrives, blank lines, and a last record without a newline', () => {
    for (const bytes of [1, 2, 1000]) {
      const got = decode(decoderSpec([['a', 'BIGINT']]), '\ufeff\n{"a":1}\r\n\r\n  \t\n{"a":2}', { bytes });
      expect(got).toEqual({ rows: [[1n], [2n]], rejects: [], nulled: 0, lines: 4 });
    }
    expect(decode(decoderSpec([['a', 'BIGINT']]), '{"a":1}\n\ufeff{"a":2}\n').rejects.length).toBe(1);
  });

  it('reads streams whose records change shape, alternate, or never repeat', () => {
    const shapes = [
      (i: number) => `{"a":${i},"b":"x"}`,
      (i: number) => `{"b":"x","a":${i}}`,
      (i: number) => `{"c":null, "a": ${i}, "b": "x"}`,
      (i: number) => `{"k${i}":${i},"b":"x","a":${i}}`,
    ];
    const order = [
      (i: number) => i % 2,
      (i: number) => i % 3,
      (i: number) => (i < 5000 ? 0 : 3),
      (i: number) => (i * 7919) % 4,
    ];
    for (const choose of order) {
      const records = Array.from({ length: 12_000 }, (_, i) => shapes[choose(i)]!(i));
      const got = decode(
        decoderSpec(
          [
            ['a', 'BIGINT'],
            ['b', 'VARCHAR'],
          ],
          { capacity: 1000 },
        ),
        records.join('\n'),
        {
          bytes: 30_000,
        },
      );
      expect(got.rejects).toEqual([]);
      expect(got.rows).toEqual(records.map((_, i) => [BigInt(i), 'x']));
    }
  });
});
