// Text to tokens, in one pass of one regular expression (moo).
//
// White space and comments are dropped. A word's `text` is upper-cased, so that the grammar compares keywords without
// case; `value` keeps the spelling. What is no token (an open string, an unknown character, `5m`) becomes a token of
// an error type instead of an exception, so the parser can go on with the next statement.

import moo from 'moo';
import type { Span } from './ast.ts';

export type TokenType =
  | 'word'
  /** "…" */
  | 'quoted'
  /** '…' or E'…' */
  | 'string'
  | 'number'
  /** $$…$$ */
  | 'body'
  /** = <> < <= > >= */
  | 'compare'
  /** Other operators and punctuation. */
  | 'symbol'
  | LexicalErrorType;

export type LexicalErrorType =
  | 'open_string'
  | 'open_body'
  | 'open_quoted'
  | 'open_comment'
  | 'bad_number'
  | 'bad_character';

export interface Token extends Span {
  type: TokenType;
  /** What the grammar compares with: a word in upper case, else the source text (`<>` for `!=`, `=` for `==`, `^` for `**`). */
  text: string;
  /** A word as written, a string or quoted name without quotes and escapes, else the source text. */
  value: string;
}

/** Token types the grammar may ask for by `%name`; its other `%names` are terminals.ts. `5s` is a bad number but for offsets. */
export const tokenTypes = {
  has: (name: string): boolean => ['string', 'number', 'compare', 'body', 'bad_number'].includes(name),
};

const rules = moo.compile({
  space: { match: /\s+/u, lineBreaks: true },
  line_comment: /--[^\n]*/u,
  block_comment: { match: /\/\*[\s\S]*?\*\//u, lineBreaks: true },
  open_comment: { match: /\/\*[\s\S]*/u, lineBreaks: true },
  escaped: { match: /[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'/u, lineBreaks: true },
  string: { match: /'[^']*(?:''[^']*)*'/u, lineBreaks: true },
  open_string: { match: /[eE]?'[\s\S]*/u, lineBreaks: true },
  body: { match: /\$\$[\s\S]*?\$\$/u, lineBreaks: true },
  open_body: { match: /\$\$[\s\S]*/u, lineBreaks: true },
  quoted: { match: /"[^"]*(?:""[^"]*)*"/u, lineBreaks: true },
  open_quoted: { match: /"[\s\S]*/u, lineBreaks: true },
  number: /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_]|\.\d)/u,
  bad_number: /\d[\p{L}\p{N}_.]*/u,
  word: /[\p{L}_][\p{L}\p{N}\p{M}_$]*/u,
  // `>>` is two tokens: it also ends ARRAY<ARRAY<INT>>.
  shift: /<</u,
  compare: /<>|!=|<=|>=|==|=(?!>)|<|>/u,
  symbol: /::|:=|\|\||->>|->|=>|\/\/|!~\*|!~|~\*|\*\*|[-+*/%(),.;:[\]{}~&|^]/u,
  bad_character: { match: /[\s\S]/u, lineBreaks: true },
});

/** All tokens of a text, without white space and comments. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  rules.reset(text);
  for (let found = rules.next(); found !== undefined; found = rules.next()) {
    const { type, text: source, offset: start } = found;
    if (type === 'space' || type === 'line_comment' || type === 'block_comment') continue;
    const end = start + source.length;
    switch (type) {
      case 'word':
        tokens.push({ type, text: source.toUpperCase(), value: source, start, end });
        break;
      case 'escaped':
        tokens.push({ type: 'string', text: source, value: readEscapes(source.slice(2, -1)), start, end });
        break;
      case 'string':
        tokens.push({ type, text: source, value: source.slice(1, -1).replaceAll("''", "'"), start, end });
        break;
      case 'body':
        tokens.push({ type, text: source, value: source.slice(2, -2), start, end });
        break;
      case 'quoted':
        tokens.push({ type, text: source, value: source.slice(1, -1).replaceAll('""', '"'), start, end });
        break;
      case 'shift':
        tokens.push({ type: 'symbol', text: source, value: source, start, end });
        break;
      case 'symbol':
        tokens.push({ type, text: source === '**' ? '^' : source, value: source, start, end });
        break;
      case 'compare':
        tokens.push({ type, text: comparisonOf(source), value: source, start, end });
        break;
      default:
        tokens.push({ type: type as TokenType, text: source, value: source, start, end });
    }
  }
  return tokens;
}

function comparisonOf(source: string): string {
  return source === '!=' ? '<>' : source === '==' ? '=' : source;
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** The escapes of PostgreSQL's E'…': \n, \x41, \101, \u00e9, \U0001F600; any other character stands for itself. */
function readEscapes(body: string): string {
  return body.replace(
    /''|\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([0-7]{1,3})|([\s\S]))/gu,
    (all, hex?: string, short?: string, long?: string, octal?: string, other?: string) => {
      if (all === "''") return "'";
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8) & 0xff);
      if (other !== undefined) return ESCAPES[other] ?? other;
      const code = Number.parseInt(hex ?? short ?? long ?? '', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD';
    },
  );
}
