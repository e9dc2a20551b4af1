// Which words are keywords, and where a keyword may still be a name.
//
// The lexer makes one kind of token of every word; the grammar asks these terminals whether a word may stand where it
// stands. So a keyword is a name wherever nothing else could stand there: `CREATE SOURCE s (from VARCHAR, date DATE)`,
// `m.from`, `x AS select`. Quoted names are never keywords.

import type { Token } from './lexer.ts';

/** A kind of token the grammar can ask for. */
export interface Terminal {
  test(token: Token): boolean;
  /** What a message calls it; null: not worth naming beside what else could stand there. */
  readonly described: string | null;
}

/** Never a column, stream, connector or type name unless quoted or in a place for labels. */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'ALL AND ARRAY AS ASC BETWEEN BOTH CASE CAST CREATE CROSS DESC DISTINCT ELSE EXCEPT EXISTS FALSE FOR FROM FULL GROUP ' +
    'HAVING ILIKE IN INNER INSERT INTERSECT INTO IS JOIN LEADING LIKE LIMIT NATURAL NOT NULL ON OR ORDER SELECT THEN ' +
    'TRAILING TRUE TRY_CAST UNION USING WHEN WHERE WITH'
  ).split(' '),
);

/** Names, but an alias only behind AS: they can begin what follows an expression or a table, or end a type. */
const NEEDS_AS: ReadonlySet<string> = new Set(
  (
    'ALLOW ANTI ASOF EMIT END ESCAPE FETCH FILTER LATE LEFT MATCH_CONDITION OFFSET OUTER OVER PRECISION QUALIFY RIGHT ' +
    'SEMI SET TABLESAMPLE TEMPORAL VARYING VERSIONED WINDOW WITHIN WITHOUT'
  ).split(' '),
);

/** Interval units by every spelling. They too need AS, or `INTERVAL '5' minute` would be read two ways. */
export const UNITS: ReadonlyMap<string, string> = new Map(
  ['MICROSECOND', 'MILLISECOND', 'SECOND', 'MINUTE', 'HOUR', 'DAY', 'WEEK', 'MONTH', 'YEAR'].flatMap((unit) => [
    [unit, unit],
    [`${unit}S`, unit],
  ]),
);

/** Calls with a syntax of their own that plain arguments would make ambiguous. */
const SPECIAL_CALLS: ReadonlySet<string> = new Set(['POSITION', 'EXTRACT']);

/** Types that may stand before a string: `DATE '2024-01-01'`. */
const LITERAL_TYPES: ReadonlySet<string> = new Set(
  (
    'BIGINT BOOLEAN DATE DECIMAL DOUBLE FLOAT INT INTEGER JSON NUMERIC REAL SMALLINT TEXT TIMESTAMP TIMESTAMPTZ ' +
    'TINYINT VARCHAR'
  ).split(' '),
);

/** Words that are values of another kind where an option takes a bare word. */
const VALUE_WORDS: ReadonlySet<string> = new Set(['TRUE', 'FALSE', 'NULL']);

const isWord = (token: Token): boolean => token.type === 'word';
const isQuoted = (token: Token): boolean => token.type === 'quoted';

/** Whether an unquoted word cannot be a name. */
export function isReserved(token: Token): boolean {
  return isWord(token) && RESERVED.has(token.text);
}

/** The same of a name that is not at hand as a token. */
export function isReservedWord(name: string): boolean {
  return RESERVED.has(name.toUpperCase());
}

/** Whether a word is used by the grammar in any place, so that a clash with it may be what went wrong. */
export function isKeyword(token: Token): boolean {
  return isWord(token) && (RESERVED.has(token.text) || NEEDS_AS.has(token.text) || UNITS.has(token.text));
}

export const name: Terminal = {
  test: (token) => isQuoted(token) || (isWord(token) && !RESERVED.has(token.text)),
  described: 'a name',
};

export const label: Terminal = {
  test: (token) => isQuoted(token) || isWord(token),
  described: 'a name',
};

export const alias: Terminal = {
  test: (token) =>
    isQuoted(token) ||
    (isWord(token) && !RESERVED.has(token.text) && !NEEDS_AS.has(token.text) && !UNITS.has(token.text)),
  described: null,
};

export const callName: Terminal = {
  test: (token) => isQuoted(token) || (isWord(token) && !RESERVED.has(token.text) && !SPECIAL_CALLS.has(token.text)),
  described: null,
};

export const typeWord: Terminal = {
  test: (token) => isWord(token) && !RESERVED.has(token.text),
  described: 'a type such as BIGINT or VARCHAR',
};

export const literalType: Terminal = {
  test: (token) => isWord(token) && LITERAL_TYPES.has(token.text),
  described: null,
};

export const unit: Terminal = {
  test: (token) => isWord(token) && UNITS.has(token.text),
  described: 'a unit such as SECOND or MINUTE',
};

export const optionWord: Terminal = {
  test: (token) => isWord(token) && !VALUE_WORDS.has(token.text),
  described: 'a value',
};
