// What an option of a connector or format may be: plain data, read by the binder (checking, defaults) and the docs.

import { formatBytes } from '../base/bytes.ts';
import { formatDuration } from '../base/duration.ts';

/** Values arrive in a plan as string, number or boolean; durations and timestamps as µs. */
export type OptionType =
  | { kind: 'text' }
  /** One ASCII character; `\t` is the tab. */
  | { kind: 'character' }
  | { kind: 'integer'; minimum: number }
  | { kind: 'number'; minimum?: number; maximum?: number }
  | { kind: 'boolean' }
  /** In µs. */
  | { kind: 'duration'; minimum?: number }
  | { kind: 'bytes'; minimum: number; maximum: number }
  | { kind: 'timestamp' }
  | { kind: 'choice'; of: readonly string[] };

export type OptionScalar = string | number | boolean;

export interface OptionSpec {
  name: string;
  type: OptionType;
  /** What the plan holds when the option is not given; null: the option is then absent. */
  default: OptionScalar | null;
  /** Must be given. */
  required?: true;
  /** Exactly one choice in another spelling, e.g. `{ gz: 'gzip' }`. */
  aliases?: Readonly<Record<string, string>>;
  /** One sentence for the reference. */
  doc: string;
}

/** An option's type in words, for messages and docs. */
export function describeOptionType(type: OptionType): string {
  switch (type.kind) {
    case 'text':
      return 'text';
    case 'character':
      return 'one character';
    case 'integer':
      return type.minimum === 0 ? 'a whole number, 0 or more' : `a whole number, ${type.minimum} or more`;
    case 'number':
      return type.maximum === undefined ? 'a number' : `a number from ${type.minimum ?? 0} to ${type.maximum}`;
    case 'boolean':
      return 'true or false';
    case 'duration':
      return `a length of time such as '5s' or '10 minutes'${type.minimum === undefined ? '' : `, at least ${formatDuration(type.minimum)}`}`;
    case 'bytes':
      return `a number of bytes such as '512MB', from ${formatBytes(type.minimum)} to ${formatBytes(type.maximum)}`;
    case 'timestamp':
      return "a time such as '2024-01-31T12:00:00Z'";
    case 'choice':
      return type.of.map((c) => `'${c}'`).join(type.of.length === 2 ? ' or ' : ', ');
  }
}
