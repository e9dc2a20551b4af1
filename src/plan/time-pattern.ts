// The formats of strptime: text to a list of what is read in order.

/** A format that cannot be read. */
export class TimePatternError extends Error {}

export type TimeField =
  | 'a'
  | 'A'
  | 'b'
  | 'B'
  | 'd'
  | 'f'
  | 'g'
  | 'G'
  | 'H'
  | 'I'
  | 'j'
  | 'm'
  | 'M'
  | 'n'
  | 'p'
  | 'S'
  | 'u'
  | 'U'
  | 'V'
  | 'w'
  | 'W'
  | 'y'
  | 'Y'
  | 'z'
  | 'Z';

export type TimePart =
  | { literal: string }
  /** A letter of strftime. */
  | { field: TimeField };

const FIELDS: ReadonlySet<string> = new Set('aAbBdfgGHIjmMnpSuUVwWyYzZ');
/** Short forms, as DuckDB has them. */
const SHORT: Readonly<Record<string, string>> = { c: '%Y-%m-%d %H:%M:%S', x: '%Y-%m-%d', X: '%H:%M:%S', T: '%H:%M:%S' };

/** @throws TimePatternError. */
export function parseTimePattern(pattern: string): TimePart[] {
  if (pattern === '') throw new TimePatternError('the format of a time is empty');
  const parts: TimePart[] = [];
  const addLiteral = (text: string): void => {
    const last = parts.at(-1);
    if (last !== undefined && 'literal' in last) last.literal += text;
    else parts.push({ literal: text });
  };
  for (let at = 0; at < pattern.length; at++) {
    const c = pattern[at] as string;
    if (c !== '%') {
      addLiteral(c);
      continue;
    }
    at++;
    // A hyphen says how it is written: reading takes numbers with and without zeros.
    const hyphen = pattern[at] === '-' && /[dHIjmMSy]/.test(pattern[at + 1] ?? '') ? 1 : 0;
    at += hyphen;
    const letter = pattern[at] ?? '';
    if (letter === '%') addLiteral('%');
    else if (letter in SHORT) parts.push(...parseTimePattern(SHORT[letter] as string));
    else if (FIELDS.has(letter)) parts.push({ field: letter as TimeField });
    else throw new TimePatternError(`'${pattern}' is no format of a time: there is no %${letter}`);
  }
  return parts;
}
