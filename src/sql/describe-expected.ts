// What could stand at a place, in words: `FROM, ',' or an operator`.
//
// The grammar asks for some thirty things where an expression may begin or go on. They are said in two words, and what
// helps no one there (a dot, the parenthesis of a call) is left out.

import type { Expected } from './earley.ts';
import type { Token } from './lexer.ts';
import { optionWord } from './terminals.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const BEGINS_EXPRESSION = words(
  'ARRAY CASE CAST TRY_CAST EXISTS NOT NULL TRUE FALSE INTERVAL EXTRACT POSITION STRUCT_PACK SUBSTRING TRIM TIMESTAMP ' +
    '+ - ~ ( [ { %string %number',
);

const OPERATORS = words(
  '+ - * / // % ^ AT || -> ->> ~ !~ ~* !~* & | << > SIMILAR :: [ AND OR NOT IS IN BETWEEN LIKE ILIKE %compare',
);

/** May follow an expression or a name, but is hardly what was meant where something else is missing. */
const UNLIKELY = words('. ( AS FILTER ESCAPE IGNORE ORDER RESPECT WITHIN');

/** Clauses that are left out where there are many to name. */
const RARE = words('CROSS LEFT OFFSET QUALIFY WINDOW');

/** Keywords that never come alone. */
const PHRASES: Readonly<Record<string, string>> = {
  ALLOW: 'ALLOW LATENESS',
  LATE: 'LATE DATA TO',
  LOOKUP: 'LOOKUP TABLE',
  CONTINUOUS: 'CONTINUOUS QUERY',
  GROUP: 'GROUP BY',
  INSERT: 'INSERT INTO',
  MATERIALIZED: 'MATERIALIZED VIEW',
  ORDER: 'ORDER BY',
  SIMILAR: 'SIMILAR TO',
};

const TYPES: Readonly<Record<string, string>> = {
  '%string': 'a text in single quotes',
  '%number': 'a number',
  '%compare': 'a comparison',
  '%bad_number': 'a length of time such as 5s',
  '%body': 'a body: $$ return … $$',
};

/** Listed before the rest is cut. */
const LISTED_MAX = 10;

/** @param isWhole whether the statement could also end here. */
export function describeExpected(expected: readonly Expected[], isWhole: boolean): string {
  const keys = new Set(expected.map(keyOf));
  if (expected.includes(optionWord)) return 'a value';
  const beginsExpression = keys.has('CASE') && keys.has('CAST');
  const goesOn = keys.has('||');
  const isLong = expected.filter((one) => 'literal' in one && isWord(one.literal)).length > LISTED_MAX;
  const listed = expected.filter((one) => {
    const key = keyOf(one);
    if (key === null || (isLong && RARE.has(key))) return false;
    if (beginsExpression && (BEGINS_EXPRESSION.has(key) || key === 'a name')) return false;
    return !goesOn || !(OPERATORS.has(key) || UNLIKELY.has(key));
  });
  const described = new Set([
    ...listed
      .filter((one) => 'literal' in one && isWord(one.literal))
      .map(describe)
      .sort(),
    ...(beginsExpression ? ['an expression'] : []),
    ...listed.filter((one) => !('literal' in one)).map(describe),
    ...listed.filter((one) => 'literal' in one && !isWord(one.literal)).map(describe),
    ...(goesOn ? ['an operator'] : []),
    ...(isWhole ? ["';'"] : []),
  ]);
  const all = [...described];
  return listWithOr(all.length > LISTED_MAX ? [...all.slice(0, LISTED_MAX - 1), 'something else'] : all);
}

/** A token as a message names it. */
export function describeToken({ type, value }: Token): string {
  const shown = value.length > 30 ? `${value.slice(0, 29)}…` : value;
  const oneLine = shown.replace(/\s+/gu, ' ');
  if (type === 'string') return `the text '${oneLine}'`;
  return type === 'quoted' ? `"${oneLine}"` : `'${oneLine}'`;
}

function keyOf(expected: Expected): string | null {
  if ('literal' in expected) return expected.literal;
  return 'type' in expected ? `%${expected.type}` : expected.described;
}

function describe(expected: Expected): string {
  if ('literal' in expected) {
    return isWord(expected.literal) ? (PHRASES[expected.literal] ?? expected.literal) : `'${expected.literal}'`;
  }
  return 'type' in expected ? (TYPES[`%${expected.type}`] ?? expected.type) : (expected.described ?? '');
}

const isWord = (text: string): boolean => /^\w/.test(text);

function listWithOr(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}
