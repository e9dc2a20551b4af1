// format('{} of {:>8.2f}', …) and printf('%s of %8.2f', …). A format is read once, and kept while it repeats.

import { ArgumentError } from './argument-error.ts';
import { type Form, type FormatValue, formatValue } from './format-values.ts';
import type { HostBody } from './host.ts';

export const formatFunctions: Readonly<Record<string, () => HostBody>> = {
  format: () => formatter(readBraces),
  printf: () => formatter(readPercents),
};

/** Text as it is, or an argument by its index in a form; a width of its own may be an argument too. */
type Piece = string | { index: number; form: Form; widthIndex: number };

function formatter(read: (format: string) => Piece[]): HostBody {
  let last: string | null = null;
  let pieces: Piece[] = [];
  return (format: string, ...values: FormatValue[]) => {
    if (format !== last) {
      pieces = read(format);
      last = format;
    }
    let text = '';
    for (const piece of pieces) text += typeof piece === 'string' ? piece : formatPiece(piece, values);
    return text;
  };
}

function formatPiece({ index, form, widthIndex }: Exclude<Piece, string>, values: readonly FormatValue[]): string {
  const value = values[index];
  if (value === undefined)
    throw new ArgumentError(`the format asks for argument ${index + 1}, there are ${values.length}`);
  if (widthIndex < 0) return formatOne(value, form);
  return formatOne(value, { ...form, width: Number(values[widthIndex] ?? 0) });
}

function formatOne(value: FormatValue, form: Form): string {
  if (form.type !== 'c' || typeof value !== 'bigint' || !form.unsigned) return formatValue(value, form);
  return formatValue(String.fromCodePoint(Number(BigInt.asUintN(16, value))), { ...form, type: 's' });
}

const PLAIN: Form = {
  type: '',
  width: 0,
  precision: -1,
  fill: ' ',
  align: '',
  sign: '',
  alternate: false,
  zero: false,
  group: '',
  unsigned: false,
};

const BRACES = /^\{(\d*)(?::(?:([^{}])?([<>^]))?([-+ ])?(#)?(0)?(\d+)?([,_'])?(?:\.(\d+))?([a-zA-Z])?)?\}/su;

function readBraces(format: string): Piece[] {
  const pieces: Piece[] = [];
  let isManual: boolean | null = null;
  let next = 0;
  for (let at = 0; at < format.length; ) {
    const c = format[at] as string;
    if (c !== '{' && c !== '}') {
      const end = format.slice(at).search(/[{}]/);
      pieces.push(end < 0 ? format.slice(at) : format.slice(at, at + end));
      at = end < 0 ? format.length : at + end;
    } else if (format[at + 1] === c) {
      pieces.push(c);
      at += 2;
    } else {
      const match = BRACES.exec(format.slice(at));
      if (match === null) throw new ArgumentError(`'${format}' is no format: see character ${at + 1}`);
      const given = match[1] !== '';
      if (isManual !== null && isManual !== given) {
        throw new ArgumentError(`'${format}' is no format: either all of its {} have a number or none`);
      }
      isManual = given;
      pieces.push({ index: given ? Number(match[1]) : next++, form: formOfBraces(match), widthIndex: -1 });
      at += match[0].length;
    }
  }
  return pieces;
}

function formOfBraces(match: RegExpExecArray): Form {
  const [, , fill, align, sign, alternate, zero, width, group, precision, type] = match;
  return {
    ...PLAIN,
    type: type ?? '',
    width: Number(width ?? 0),
    precision: precision === undefined ? -1 : Number(precision),
    fill: fill ?? ' ',
    align: (align ?? '') as Form['align'],
    sign: sign === '+' || sign === ' ' ? sign : '',
    alternate: alternate !== undefined,
    zero: zero !== undefined,
    group: group ?? '',
  };
}

const PERCENTS = /^%(?:(\d+)\$)?([-+ #0,]*)(\*|\d+)?(?:\.(\d+))?(?:hh?|ll?|[jzt])?([a-zA-Z])/;

function readPercents(format: string): Piece[] {
  const pieces: Piece[] = [];
  let next = 0;
  for (let at = 0; at < format.length; ) {
    if (format[at] !== '%') {
      const end = format.indexOf('%', at);
      pieces.push(format.slice(at, end < 0 ? undefined : end));
      at = end < 0 ? format.length : end;
    } else if (format[at + 1] === '%') {
      pieces.push('%');
      at += 2;
    } else {
      const match = PERCENTS.exec(format.slice(at));
      if (match === null) throw new ArgumentError(`'${format}' is no format: see character ${at + 1}`);
      const [whole, number, , width] = match;
      const widthIndex = width === '*' ? next++ : -1;
      pieces.push({
        index: number === undefined ? next++ : Number(number) - 1,
        form: formOfPercents(match),
        widthIndex,
      });
      at += whole.length;
    }
  }
  return pieces;
}

function formOfPercents([, , flags = '', width, precision, type = '']: RegExpExecArray): Form {
  return {
    ...PLAIN,
    type,
    width: width === undefined || width === '*' ? 0 : Number(width),
    precision: precision === undefined ? -1 : Number(precision),
    align: flags.includes('-') ? '<' : '>',
    sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
    alternate: flags.includes('#'),
    zero: flags.includes('0') && !flags.includes('-'),
    group: flags.includes(',') ? ',' : '',
    unsigned: true,
  };
}
