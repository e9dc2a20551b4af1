// Numbers and texts in a given form: what format and printf share.
//
// Forms are those of C: `d x X o b` of integers, `e f g` of doubles, `s` of text; width, fill, sign, groups of thousands.
// Halves are rounded to even where a double is exactly between two, as C does.

import { ArgumentError } from './argument-error.ts';

export interface Form {
  /** `` for what suits the value. */
  type: string;
  width: number;
  /** −1: none given. */
  precision: number;
  fill: string;
  align: '<' | '>' | '^' | '';
  sign: '+' | ' ' | '';
  alternate: boolean;
  zero: boolean;
  /** Between thousands. */
  group: string;
  /** Negative numbers in other bases as two's complement, as printf. */
  unsigned: boolean;
}

export type FormatValue = string | number | bigint | boolean;

/** @throws ArgumentError for a form that the value's type has not. */
export function formatValue(value: FormatValue, form: Form): string {
  if (typeof value === 'bigint') return formatInteger(value, form);
  if (typeof value === 'number') return formatDouble(value, form);
  if (typeof value === 'boolean' && form.type !== '' && form.type !== 's') {
    return formatInteger(value ? 1n : 0n, form);
  }
  if (form.type !== '' && form.type !== 's') throw wrongForm(form.type, 'a text');
  const text = String(value);
  const cut = form.precision < 0 ? text : [...text].slice(0, form.precision).join('');
  return align(cut, form, '<');
}

function wrongForm(type: string, what: string): ArgumentError {
  return new ArgumentError(`'${type}' is no form of ${what}`);
}

const BASES: Readonly<Record<string, readonly [base: number, prefix: string]>> = {
  '': [10, ''],
  s: [10, ''],
  d: [10, ''],
  i: [10, ''],
  u: [10, ''],
  x: [16, '0x'],
  X: [16, '0X'],
  o: [8, '0'],
  b: [2, '0b'],
  B: [2, '0B'],
};

function formatInteger(value: bigint, form: Form): string {
  const base = BASES[form.type];
  if (base === undefined) throw wrongForm(form.type, 'an integer');
  if (form.precision >= 0 && !form.unsigned) throw new ArgumentError('an integer has no places after the point');
  const shown = form.unsigned && base[0] !== 10 ? BigInt.asUintN(64, value) : value;
  const digits = (shown < 0n ? -shown : shown).toString(base[0]);
  const grouped = groupDigits(form.type === 'X' ? digits.toUpperCase() : digits, form.group);
  const sign = shown < 0n ? '-' : form.sign;
  return alignNumber(`${sign}${form.alternate && !(form.unsigned && shown === 0n) ? base[1] : ''}`, grouped, form);
}

function formatDouble(value: number, form: Form): string {
  const type = form.type.toLowerCase();
  if (!['', 's', 'e', 'f', 'g'].includes(type)) throw wrongForm(form.type, 'a double');
  const isNegative = value < 0 || Object.is(value, -0);
  const sign = isNegative ? '-' : form.sign;
  const size = Math.abs(value);
  if (!Number.isFinite(size)) {
    return align(`${sign}${Number.isNaN(size) ? 'nan' : 'inf'}`, { ...form, zero: false }, '>');
  }
  const digits = digitsOf(size, type, form.precision);
  const [whole = '', ...rest] = digits.split(/(?=[.e])/);
  const text = `${groupDigits(whole, form.group)}${rest.join('')}`;
  return alignNumber(sign, form.type === type ? text : text.toUpperCase(), form);
}

function digitsOf(size: number, type: string, precision: number): string {
  if (type === 'e') return exponential(size, precision < 0 ? 6 : precision);
  if (type === 'f') return fixed(size, precision < 0 ? 6 : precision);
  if (type === 'g') return withoutZeros(general(size, precision < 0 ? 6 : Math.max(precision, 1)));
  if (precision < 0) return shortest(size);
  const digits = general(size, Math.max(precision, 1));
  // As DuckDB's library: below 1 zeros at the end are left out.
  return size > 0 && size < 1 && !digits.includes('e') ? withoutZeros(digits) : digits;
}

/** As few digits as tell it from other doubles; always with a point or an exponent. */
function shortest(size: number): string {
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return exponentOf(size.toExponential());
  const text = String(size);
  return text.includes('.') ? text : `${text}.0`;
}

function fixed(size: number, places: number): string {
  if (size >= 1e21) return `${BigInt(size)}${places > 0 ? `.${'0'.repeat(places)}` : ''}`;
  const kept = Math.min(places, 100);
  const exact = size.toFixed(Math.min(100, kept + 60));
  const end = exact.indexOf('.') + 1 + kept;
  const cut = exact.slice(0, kept === 0 ? end - 1 : end);
  const isHalf = kept < 40 && /^50*$/.test(exact.slice(end));
  const text = isHalf && Number(cut.at(-1)) % 2 === 0 ? cut : size.toFixed(kept);
  return text + '0'.repeat(places - kept);
}

function exponential(size: number, places: number): string {
  const kept = Math.min(places, 100);
  const [exact, exponent] = size.toExponential(Math.min(100, kept + 50)).split('e') as [string, string];
  const end = 2 + kept;
  const cut = exact.slice(0, kept === 0 ? 1 : end);
  const isHalf = kept < 50 && /^50*$/.test(exact.slice(end));
  const text = isHalf && Number(cut.at(-1)) % 2 === 0 ? `${cut}e${exponent}` : size.toExponential(kept);
  return exponentOf(text);
}

/** So many digits that count, with an exponent where the number is far from 1. */
function general(size: number, digits: number): string {
  const text = exponential(size, digits - 1);
  const exponent = Number(text.split('e')[1]);
  const isFar = exponent < -4 || exponent >= digits;
  return isFar ? text : fixed(size, Math.max(0, digits - 1 - exponent));
}

function withoutZeros(digits: string): string {
  return digits.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '');
}

/** `1e+5` with two digits at least: `1e+05`. */
function exponentOf(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function groupDigits(digits: string, group: string): string {
  return group === '' ? digits : digits.replace(/\B(?=(\d{3})+$)/g, group);
}

function alignNumber(sign: string, digits: string, form: Form): string {
  if (!form.zero) return align(sign + digits, form, '>');
  return sign + digits.padStart(form.width - sign.length, '0');
}

function align(text: string, form: Form, usual: '<' | '>'): string {
  const missing = form.width - [...text].length;
  if (missing <= 0) return text;
  const side = form.align === '' ? usual : form.align;
  const before = side === '<' ? 0 : side === '>' ? missing : missing >> 1;
  return form.fill.repeat(before) + text + form.fill.repeat(missing - before);
}
