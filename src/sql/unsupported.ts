// SQL that Laminar knows of and cannot run yet: named as such, instead of as a syntax error.
//
// A pattern is a run of tokens around the place where the grammar gave up. `a|b` is one of several, `_` any token, `^`
// the start of the statement. A pattern with `_` has its last token at the place, any other some token of it.

import { LaminarError } from '../base/errors.ts';
import type { Token } from './lexer.ts';

interface Construct {
  pattern: string;
  /** null: the tokens as they match. */
  name: string | null;
  hint: string | null;
}

const SQL_FILE =
  'a pipeline file has CREATE SOURCE, CREATE LOOKUP TABLE, CREATE STREAM, CREATE SINK, CREATE FUNCTION, INSERT INTO, DROP, SELECT and SET';

const COMPUTED =
  "a column is a field of the record: ts TIMESTAMP FROM '$.path'; what is computed stands in a CREATE STREAM";

function construct(pattern: string, name: string | null = null, hint: string | null = null): Construct {
  return { pattern, name, hint };
}

const CONSTRUCTS: readonly Construct[] = [
  // Statements.
  construct('^ EXPLAIN|DESCRIBE', null, 'from the command line: laminar explain pipeline.lsql'),
  construct('^ SHOW|ALTER|DELETE|UPDATE|TRUNCATE|MERGE|USE|BEGIN|COMMIT', null, SQL_FILE),
  construct('CREATE|REPLACE AGGREGATE|TEMPORARY|TEMP TABLE|FUNCTION|VIEW|STREAM', null, SQL_FILE),
  construct('CREATE TABLE|AGGREGATE|INDEX|SCHEMA|TEMPORARY|TEMP', null, SQL_FILE),
  construct('REPLACE TABLE|AGGREGATE', null, SQL_FILE),
  construct('VALUES', null, 'rows come from sources'),
  construct('PRIMARY KEY', 'PRIMARY KEY behind a column', 'write it behind the columns: PRIMARY KEY (id)'),
  construct(') FORMAT', 'a FORMAT clause', "write it as an option: (format = 'json', …)"),
  construct('TIMESTAMP|DATE|BIGINT|INTEGER|DOUBLE|VARCHAR|BOOLEAN AS', 'a computed column', COMPUTED),
  construct(', _ AS', 'a computed column', COMPUTED),
  // FROM.
  construct('POSITIONAL JOIN'),
  construct('FROM TUMBLE|HOP|SLIDE|SESSION|CUMULATE (', 'a window in FROM', 'windows stand in GROUP BY'),
  construct('FROM _ (', 'a table function', 'a query reads sources, streams and views'),
  construct('LATERAL|TABLESAMPLE|PIVOT|UNPIVOT'),
  // Queries.
  construct('* EXCEPT|RENAME', null, 'use EXCLUDE, or name the columns'),
  construct('INTERSECT|EXCEPT'),
  construct('BY NAME', 'UNION BY NAME', 'columns go by their position'),
  construct('WITH RECURSIVE _', 'WITH RECURSIVE'),
  construct('FETCH', null, 'write LIMIT n'),
  construct('GROUPING SETS'),
  construct('WITH (', 'WITH (options) at this place', 'options belong to CREATE SOURCE and CREATE SINK'),
  // Expressions.
  construct(
    'ALL|ANY|SOME ( SELECT|WITH',
    'a comparison with ANY or ALL',
    'write IN, or compare with (SELECT MAX(x) …)',
  ),
  construct('ALL|ANY|SOME ('),
  construct('COLLATE'),
  construct('=>', 'an argument by name', 'give the arguments in order'),
];

/** The construct at tokens[index], at which the grammar gave up, as an error; null when it is none of these. */
export function unsupportedError(tokens: readonly Token[], index: number): LaminarError | null {
  for (const { pattern, name, hint } of CONSTRUCTS) {
    const place = placeOf(pattern.split(' '), tokens, index);
    if (place === null) continue;
    const { first, last } = place;
    const found =
      name ??
      tokens
        .slice(first, last + 1)
        .map(({ text }) => text)
        .join(' ');
    return new LaminarError('LMN-1010', `${found} is not supported yet`, {
      ...(hint === null ? {} : { hint }),
      at: { span: { start: tokens[first]!.start, end: tokens[last]!.end } },
    });
  }
  return null;
}

function placeOf(
  parts: readonly string[],
  tokens: readonly Token[],
  index: number,
): { first: number; last: number } | null {
  const isAnchored = parts[0] === '^';
  const wanted = isAnchored ? parts.slice(1) : parts;
  const last = wanted.length - 1;
  for (let at = wanted.includes('_') ? last : 0; at <= last; at++) {
    const first = index - at;
    if (first < 0 || (isAnchored && first > 0)) continue;
    if (wanted.every((part, i) => matches(part, tokens[first + i]))) return { first, last: first + last };
  }
  return null;
}

function matches(part: string, token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (part === '_') return true;
  return (token.type === 'word' || token.type === 'symbol') && part.split('|').includes(token.text);
}
