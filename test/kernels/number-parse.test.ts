import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CELL_STATUS, ERROR_CAST, ERROR_OVERFLOW, STATUS_VALUE } from '../../kernels/layout.ts';
import { testMemory } from '../support/linear-memory.ts';
import { often } from '../support/random.ts';

const memory = testMemory();
const { kernels } = memory;
const at = memory.allocate(1 << 16);
const runs = often(40_000);
const encoder = new TextEncoder();

/** Writes the text where digits before and after it would be mistaken for its own. */
function put(text: string): number {
  memory.u8.fill(0x37, at, at + text.length + 80);
  return encoder.encodeInto(text, memory.u8.subarray(at + 32)).written;
}
function status(): number {
  return memory.i32[CELL_STATUS >> 2]!;
}
function integer(text: string): bigint | number {
  const value = kernels.parseI64(at + 32, put(text));
  return status() === STATUS_VALUE ? value : status();
}
function rounded(text: string): bigint | number {
  const value = kernels.parseI64Rounded(at + 32, put(text));
  return status() === STATUS_VALUE ? value : status();
}
function double(text: string): number | string {
  const value = kernels.parseF64(at + 32, put(text));
  return status() === STATUS_VALUE ? value : `status ${status()}`;
}
function expectDouble(text: string): void {
  const got = double(text);
  if (!Object.is(got, Number(text))) expect({ text, value: got }).toEqual({ text, value: Number(text) });
}

describe('parseI64', () => {
  it('reads every length, both ends of the range, and refuses one beyond', () => {
    for (let length = 1; length <= 19; length++) {
      const text = '9876543210123456789'.slice(0, length);
      expect(integer(text)).toBe(length < 19 ? BigInt(text) : ERROR_OVERFLOW);
      expect(integer(`-${'1'.repeat(length)}`)).toBe(BigInt(`-${'1'.repeat(length)}`));
    }
    expect(integer('9223372036854775807')).toBe(2n ** 63n - 1n);
    expect(integer('-9223372036854775808')).toBe(-(2n ** 63n));
    for (const text of ['9223372036854775808', '-9223372036854775809', '92233720368547758070', '1e19', '1e400']) {
      expect(integer(text)).toBe(ERROR_OVERFLOW);
    }
  });

  it('takes zeros, signs, spaces, exponents and points that leave an integer', () => {
    const cases: [string, bigint][] = [
      ['0', 0n],
      ['-0', 0n],
      ['007', 7n],
      ['+5', 5n],
      ['  12\t', 12n],
      ['1e3', 1000n],
      ['1.0', 1n],
      ['1.50e1', 15n],
      ['1200e-2', 12n],
      ['0e999999999999', 0n],
      ['0000000000000000000000000000012', 12n],
      ['12.000000000000000000000000000', 12n],
      ['9223372036854775807.0', 2n ** 63n - 1n],
      ['922337203685477580.7e1', 2n ** 63n - 1n],
      ['-9.223372036854775808E+18', -(2n ** 63n)],
    ];
    for (const [text, want] of cases) expect([text, integer(text)]).toEqual([text, want]);
  });

  it('refuses fractions and what is not a number', () => {
    const texts = [
      '',
      ' ',
      '-',
      '+',
      '.',
      'e5',
      '1e',
      '1e+',
      '1.5',
      '12e-1',
      '1x',
      '1 2',
      '--1',
      '0x10',
      '1_000',
      'nan',
    ];
    texts.push('1234567890123456789.5', '0.00000000000000000000000001', '1,000', '12345678/', '1234567:', '1\u0000');
    for (const text of texts) expect([text, integer(text)]).toEqual([text, ERROR_CAST]);
  });

  it('agrees with BigInt on random values', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }), fc.integer({ min: 0, max: 65 }), (v, shift) => {
        const value = v >> BigInt(shift);
        return integer(String(value)) === (BigInt.asIntN(64, value) === value ? value : ERROR_OVERFLOW);
      }),
      { numRuns: 5000 },
    );
  });

  it('rounds halves away from zero for casts', () => {
    const cases: [string, bigint | number][] = [
      ['1.5', 2n],
      ['2.5', 3n],
      ['-1.5', -2n],
      ['1.4999999999999999999999999999', 1n],
      ['0.5', 1n],
      ['0.05e1', 1n],
      ['1e-30', 0n],
      ['1234567890123456789.4', 1234567890123456789n],
      ['1234567890123456789.5', 1234567890123456790n],
      ['9223372036854775807.4', 2n ** 63n - 1n],
      ['9223372036854775807.5', ERROR_OVERFLOW],
      ['one', ERROR_CAST],
    ];
    for (const [text, want] of cases) expect([text, rounded(text)]).toEqual([text, want]);
  });
});

describe('parseF64', () => {
  it('is correctly rounded where shortcuts fail', () => {
    const texts = [
      '0',
      '0.1',
      '.5',
      '5.',
      '1e23',
      '8.5e22',
      '9007199254740993',
      '9007199254740992.999999999999999999999999999999999',
      '9007199254740993.00000000000000000000000000000001',
      '1.7976931348623157e308',
      '1.7976931348623158e308',
      '1.797693134862315807e308',
      '1.797693134862315708145274237317043567980705e308',
      '1.7976931348623159e308',
      '2.2250738585072011e-308',
      '2.2250738585072012e-308',
      '2.2250738585072014e-308',
      '4.9406564584124654e-324',
      '2.4703282292062327e-324',
      '2.4703282292062328e-324',
      '7.4109846876186981e-324',
      '1e-323',
      '1e-400',
      '1e400',
      '6.02214076e23',
      '123456789012345678901234567890',
      '7.0420557077594588669468784357561207962098443483187940792729600000e+59',
      '3.237883913302901289588352412501532174863037669423108059901297049552301970670676565786835742587799557860615776559838283435514391084153169252689190564396459577394618038928365305143463955100356696665629202017331344031730044369360205258345803431471660032699580731300954848363975548690010751530018881758184174569652173110473696022749934638425380623369774736560008997404060967498028389191878963968575439222206416981462690113342524002724385941651051293552601421155333430225237291523843322331326138431477823591142408800030775170625915670728657003151953664260769822494937951845801530895238439819708403389937873241463484205608000027270531106827387907791444918534771598750162812548862768493201518991668028251730299953143924168545708663913273994694463908672332763671875E-319',
      `0.${'0'.repeat(400)}1e401`,
      `1${'0'.repeat(400)}e-400`,
      `${'9'.repeat(1000)}e-700`,
      `4${'0'.repeat(30)}.${'0'.repeat(700)}1`,
    ];
    for (const text of texts) {
      expectDouble(text);
      expectDouble(`-${text}`);
    }
  });

  it('takes words for the values without digits, and refuses other text', () => {
    expect([double('inf'), double('-Infinity'), double('NaN'), double('+INF')]).toEqual([
      Infinity,
      -Infinity,
      NaN,
      Infinity,
    ]);
    for (const text of ['', '-', '.', 'e1', '1e', '1.2.3', 'in', 'infinit', '0x1', '1 e5', 'nano']) {
      expect([text, double(text)]).toEqual([text, `status ${ERROR_CAST}`]);
    }
  });

  it('agrees with Number on random bits at any precision', () => {
    const view = new DataView(new ArrayBuffer(8));
    let state = 88172645463325252n;
    const random = () => {
      state ^= BigInt.asUintN(64, state << 13n);
      state ^= state >> 7n;
      state ^= BigInt.asUintN(64, state << 17n);
      return state;
    };
    for (let i = 0; i < runs; i++) {
      view.setBigUint64(0, random());
      const value = view.getFloat64(0);
      if (!Number.isFinite(value)) continue;
      expectDouble(String(value));
      expectDouble(value.toExponential(Number(random() % 25n)));
      expectDouble(value.toPrecision(1 + Number(random() % 21n)));
    }
  });

  it('agrees with Number next to the points halfway between two doubles', () => {
    // The exact decimal expansion of a midpoint, and one digit more or less at its end.
    for (let i = 0; i < 300; i++) {
      const m = (1n << 53n) + BigInt(Math.floor(Math.random() * 2 ** 52)) * 2n + 1n;
      const scale = BigInt(i % 200);
      const text = i % 2 === 0 ? String(m << scale) : `${m * 5n ** scale}e-${scale}`;
      expectDouble(text);
      const [digits, exponent] = text.split('e') as [string, string | undefined];
      const tail = exponent === undefined ? '' : `e${Number(exponent) - 3}`;
      expectDouble(exponent === undefined ? `${digits}.001` : `${digits}001${tail}`);
      expectDouble(exponent === undefined ? `${BigInt(digits) - 1n}.999` : `${BigInt(digits) - 1n}999${tail}`);
    }
  });

  it('agrees with Number on random decimals', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^-?[0-9]{1,30}(\.[0-9]{1,30})?(e[+-]?[0-9]{1,3})?$/),
        (text) => Object.is(double(text), Number(text)) || text === '',
      ),
      { numRuns: 5000 },
    );
  });
});
