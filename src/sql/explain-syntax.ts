// Why a statement cannot be read: one error with its place, what was expected, and what was probably meant.
//
// Each explanation below looks for one mistake people make, in an order from certain to likely; the first that applies
// wins. Guesses (a misspelled keyword, a missing comma) are made only when the text reads on with the guess in place:
// the parser is asked (`StatementReader.tryInstead`).

import { LaminarError } from '../base/errors.ts';
import { nearestName } from '../base/names.ts';
import type { Span } from './ast.ts';
import { describeExpected, describeToken } from './describe-expected.ts';
import type { Expected, StatementReader } from './earley.ts';
import type { Token } from './lexer.ts';
import { lexicalError } from './lexical-error.ts';
import { placeOf } from './render-error.ts';
import { isKeyword, isReserved, label, name, UNITS, unit } from './terminals.ts';
import { unsupportedError } from './unsupported.ts';

export interface StatementPlace {
  /** The whole pipeline. */
  text: string;
  /** Offset of the `;`, null for the end of the text. */
  semicolon: number | null;
}

export interface SyntaxProblem {
  error: LaminarError;
  /** Index of the token with which to go on; null for behind the statement. */
  resume: number | null;
}

interface Failure extends StatementPlace {
  reader: StatementReader;
  tokens: readonly Token[];
  /** The first token that cannot stand where it stands; tokens.length for the end. */
  index: number;
  token: Token | null;
}

/** Requires that `reader` could not read `tokens`. */
export function explainSyntax(reader: StatementReader, tokens: readonly Token[], place: StatementPlace): SyntaxProblem {
  const index = reader.tokensRead;
  const failure: Failure = { ...place, reader, tokens, index, token: tokens[index] ?? null };
  const missing = missingSemicolon(failure);
  if (missing !== null) return { error: missing, resume: index };
  const error =
    openText(failure) ??
    lexicalError(tokens[index]) ??
    statementClause(failure) ??
    unsupportedError(tokens, index) ??
    needlessParenthesis(failure) ??
    needlessComma(failure) ??
    reservedName(failure) ??
    misspelledKeyword(failure) ??
    wrongQuotes(failure) ??
    openParenthesis(failure) ??
    missingComma(failure) ??
    unexpected(failure, index, lastHint(failure));
  return { error, resume: nextCreate(failure) };
}

const CREATED: ReadonlySet<string> = new Set(
  'OR SOURCE LOOKUP SINK STREAM VIEW MATERIALIZED CONTINUOUS FUNCTION'.split(' '),
);

/** The CREATE that begins a line at the mistake or behind it: no statement has one inside. */
function nextCreate({ text, tokens, index }: Failure): number | null {
  const first = Math.max(index, 1);
  const found = tokens.findIndex(
    ({ type, text: word, start }, i) =>
      i >= first &&
      type === 'word' &&
      word === 'CREATE' &&
      CREATED.has(tokens[i + 1]?.text ?? '') &&
      /\n[ \t]*$/.test(text.slice(Math.max(0, start - 100), start)),
  );
  return found < 0 ? null : found;
}

// --- statements and texts without an end ---

const STATEMENT_WORDS: ReadonlySet<string> = new Set(['CREATE', 'INSERT', 'SELECT', 'SET']);

function missingSemicolon({ reader, tokens, index, token }: Failure): LaminarError | null {
  if (token?.type !== 'word' || !STATEMENT_WORDS.has(token.text) || !reader.isWholeAfter(index)) return null;
  const end = tokens[index - 1]!.end;
  return new LaminarError('LMN-1006', `a ';' is missing before ${token.text}`, { at: { span: { start: end, end } } });
}

/** `'it's'`: the text seems to end early, and the last quote of the file opens one that never ends. */
function openText({ tokens, index }: Failure): LaminarError | null {
  if (!tokens.slice(index).some(({ type }) => type === 'open_string')) return null;
  for (let at = index - 1; at >= Math.max(0, index - 3); at--) {
    const token = tokens[at]!;
    if (token.type !== 'string' || tokens[at + 1]?.start !== token.end) continue;
    return new LaminarError('LMN-1002', `the text ${token.text} ends early, or a quote is missing`, {
      hint: "write a quote inside a text twice: 'it''s'",
      at: { span: spanOf(token) },
    });
  }
  return null;
}

// --- clauses of a statement inside a query ---

const STATEMENT_CLAUSES: Readonly<Record<string, string>> = { EMIT: '', ALLOW: 'LATENESS', LATE: 'DATA' };

/** `FROM (SELECT … EMIT …)`: the word may have been taken for an alias, and what follows it be the mistake. */
function statementClause({ tokens, index }: Failure): LaminarError | null {
  for (const at of [index, index - 1]) {
    const token = tokens[at];
    const second = token?.type === 'word' ? STATEMENT_CLAUSES[token.text] : undefined;
    if (token === undefined || second === undefined || !isInQuery(tokens, at)) continue;
    if (second !== '' && tokens[at + 1]?.text !== second) continue;
    const clause = second === '' ? token.text : `${token.text} ${second}`;
    return new LaminarError('LMN-1011', `${clause} belongs to a statement, and this query is a part of one`, {
      hint: `write it at the end of the statement, or make a stream of this query: CREATE STREAM name AS … ${clause} …`,
      at: { span: spanOf(token) },
    });
  }
  return null;
}

/** Whether the innermost parenthesis that is open before tokens[index] holds a query. */
function isInQuery(tokens: readonly Token[], index: number): boolean {
  const open = openBefore(tokens, index);
  const first = open === null ? undefined : tokens[tokens.indexOf(open) + 1];
  return first?.type === 'word' && (first.text === 'SELECT' || first.text === 'WITH');
}

// --- parentheses ---

function needlessParenthesis({ tokens, index, token }: Failure): LaminarError | null {
  if (token?.text !== ')' || openBefore(tokens, index) !== null) return null;
  return new LaminarError('LMN-1003', "this ')' closes nothing", {
    hint: "take it out, or put a '(' where it should begin",
    at: { span: spanOf(token) },
  });
}

function openParenthesis({ reader, tokens, index, token, text }: Failure): LaminarError | null {
  const open = openBefore(tokens, index);
  if (open === null || !asks(reader.expectedAfter(index), ')')) return null;
  const close = made('symbol', ')', tokens[index - 1]!);
  const isEnd = token === null || STATEMENT_WORDS.has(token.text);
  if (!isEnd && reader.tryInstead(index, [close, ...tokens.slice(index)]).tokensRead < 2) return null;
  const where = token === null ? 'before the end of the statement' : `before ${describeToken(token)}`;
  const line = token === null ? '' : ` in line ${placeOf(text, token.start).line}`;
  return new LaminarError('LMN-1003', `this '(' is not closed`, {
    hint: `a ')' is missing ${where}${line}`,
    at: { span: spanOf(open) },
  });
}

/** The innermost '(' that is still open before tokens[index]. */
function openBefore(tokens: readonly Token[], index: number): Token | null {
  const open: Token[] = [];
  for (const token of tokens.slice(0, index)) {
    if (token.text === '(') open.push(token);
    else if (token.text === ')') open.pop();
  }
  return open.at(-1) ?? null;
}

// --- words ---

function reservedName({ reader, tokens, index, token }: Failure): LaminarError | null {
  if (token === null || !isKeyword(token)) return null;
  const expected = reader.expectedAfter(index);
  const rest = tokens.slice(index + 1);
  const quoted: Token = { ...token, type: 'quoted' };
  const written = `"${token.value}"`;
  if (isReserved(token) && expected.includes(name) && readsOn(reader, index, [quoted], rest)) {
    return reserved(token, `put it in double quotes: ${written}`);
  }
  if (!asks(expected, 'AS') || !readsOn(reader, index, [made('word', 'AS', token), token], rest)) return null;
  return reserved(token, `put AS before it: AS ${token.value}`);
}

/** Whether a guess makes the statement whole, or is followed by two more words that fit. */
function readsOn(reader: StatementReader, kept: number, guess: readonly Token[], rest: readonly Token[]): boolean {
  const attempt = reader.tryInstead(kept, [...guess, ...rest]);
  return attempt.isWhole || attempt.tokensRead >= guess.length + 2;
}

function reserved(token: Token, hint: string): LaminarError {
  return new LaminarError('LMN-1005', `'${token.value}' is a reserved word and not a name here`, {
    hint,
    at: { span: spanOf(token) },
  });
}

/** Looks at the unexpected word and at two before it, which may have been taken for names: `SELECT a FORM t`. */
function misspelledKeyword(failure: Failure): LaminarError | null {
  const { reader, tokens, index } = failure;
  for (let at = index; at >= Math.max(0, index - 2); at--) {
    const token = tokens[at];
    if (token?.type !== 'word') continue;
    const keyword = nearestName(token.value, keywordsOf(reader.expectedAfter(at)));
    if (keyword === undefined || keyword === token.text) continue;
    const { tokensRead } = reader.tryInstead(at, [made('word', keyword, token), ...tokens.slice(at + 1)]);
    if (at + tokensRead > index) return unexpected(failure, at, `did you mean ${keyword}?`);
  }
  return null;
}

function keywordsOf(expected: readonly Expected[]): string[] {
  const words = expected.flatMap((one) => ('literal' in one && /^\w/.test(one.literal) ? [one.literal] : []));
  return expected.includes(unit) ? [...words, ...UNITS.keys()] : words;
}

/** `"json"` for a text, `'trades'` for a name. */
function wrongQuotes(failure: Failure): LaminarError | null {
  const { reader, tokens, index } = failure;
  for (const at of [index, index - 1]) {
    const token = tokens[at];
    if (token?.type !== 'quoted' && token?.type !== 'string') continue;
    const other: Token = { ...token, type: token.type === 'quoted' ? 'string' : 'quoted' };
    const expected = reader.expectedAfter(at);
    const asked =
      other.type === 'string'
        ? expected.some((one) => 'type' in one && one.type === 'string')
        : expected.includes(name) || expected.includes(label);
    if (!asked || at + reader.tryInstead(at, [other, ...tokens.slice(at + 1)]).tokensRead <= index) continue;
    const hint =
      other.type === 'string'
        ? `a text has single quotes: '${token.value}'`
        : `a name has double quotes or none: "${token.value}"`;
    return unexpected(failure, at, hint);
  }
  return null;
}

// --- commas ---

function needlessComma(failure: Failure): LaminarError | null {
  const { reader, tokens, index, token } = failure;
  if (tokens[index - 1]?.text !== ',') return null;
  if (token === null) return unexpected(failure, index, "take out the ',' before it");
  const without = reader.tryInstead(index - 1, tokens.slice(index));
  if (!without.isWhole && without.tokensRead < 2) return null;
  return unexpected(failure, index, "take out the ',' before it");
}

function missingComma(failure: Failure): LaminarError | null {
  const { reader, tokens, index, token } = failure;
  if (token === null || !asks(reader.expectedAfter(index), ',')) return null;
  const comma = made('symbol', ',', token);
  if (!readsOn(reader, index, [comma, token], tokens.slice(index + 1))) return null;
  return unexpected(failure, index, `is a ',' missing before it?`);
}

// --- the rest ---

function lastHint({ reader, index, token }: Failure): string | undefined {
  if (token?.type === 'compare') return 'compare two things at a time: a < b AND b < c';
  if (token === null && asks(reader.expectedAfter(index), 'FROM'))
    return 'a query reads a source, stream or view: add FROM';
  return undefined;
}

function unexpected(failure: Failure, at: number, hint?: string): LaminarError {
  const { reader, tokens, text, semicolon } = failure;
  const token = tokens[at];
  const expected = describeExpected(reader.expectedAfter(at), reader.isWholeAfter(at));
  const what = token === undefined ? `the statement ends too early` : `unexpected ${describeToken(token)}`;
  const last = tokens[at - 1]?.end ?? text.length;
  const end = semicolon === null ? { start: last, end: last } : { start: semicolon, end: semicolon + 1 };
  return new LaminarError('LMN-1001', `${what}: expected ${expected}`, {
    ...(hint === undefined ? {} : { hint }),
    at: { span: token === undefined ? end : spanOf(token) },
  });
}

function asks(expected: readonly Expected[], literal: string): boolean {
  return expected.some((one) => 'literal' in one && one.literal === literal);
}

/** A token that was not written, at the place of another. */
function made(type: Token['type'], text: string, { start, end }: Span): Token {
  return { type, text, value: text, start, end };
}

function spanOf({ start, end }: Span): Span {
  return { start, end };
}
