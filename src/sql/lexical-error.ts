// What is wrong with a token that is no token: an open text, an unknown character, `5m`.

import { LaminarError } from '../base/errors.ts';
import type { Token } from './lexer.ts';

/** Null for a token that is sound in itself. The error of an open text or comment has its opening as its place. */
export function lexicalError(token: Token | undefined): LaminarError | null {
  switch (token?.type) {
    case 'open_string':
      return open(token, 'text', "end it with a single quote; a quote inside is written twice: 'it''s'");
    case 'open_body':
      return open(token, 'body of a function', 'end it with $$');
    case 'open_quoted':
      return open(token, 'quoted name', 'end it with a double quote');
    case 'open_comment':
      return open(token, 'comment', 'end it with */');
    case 'bad_number':
      return unknown(token, `'${token.value}' is not a number`, numberHint(token.value));
    case 'bad_character':
      return unknown(token, `unknown character ${showCharacter(token.value)}`, characterHint(token.value));
    default:
      return null;
  }
}

function open({ text, start }: Token, what: string, hint: string): LaminarError {
  const length = /^(?:[eE]'|\$\$|\/\*|.)/s.exec(text)![0].length;
  return new LaminarError('LMN-1002', `this ${what} is not closed`, {
    hint,
    at: { span: { start, end: start + length } },
  });
}

function unknown({ start, end }: Token, message: string, hint: string | null): LaminarError {
  return new LaminarError('LMN-1004', message, { ...(hint === null ? {} : { hint }), at: { span: { start, end } } });
}

function numberHint(text: string): string {
  if (/^[\d.]+(?:us|ms|s|sec|m|min|h|hr|d|w|(?:micro|milli)?seconds?|minutes?|hours?|days?|weeks?)$/i.test(text)) {
    return `a length of time is INTERVAL '${text}', or '${text}' as an option`;
  }
  if (/^[\d_]+$/.test(text)) return `write the digits without '_': ${text.replaceAll('_', '')}`;
  if (/^0[xbo]/i.test(text)) return 'numbers are decimal';
  if (/^[\d.]+$/.test(text)) return "a number has one '.' at most; a text has single quotes";
  return `a name that begins with a digit has double quotes: "${text}"`;
}

function showCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  const isVisible = !/^[\p{C}\p{Z}]$/u.test(character);
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return isVisible ? (code < 128 ? `'${character}'` : `'${character}' (${name})`) : name;
}

function characterHint(character: string): string | null {
  if ('‘’‚‛´＇'.includes(character)) return "a text has straight single quotes: '…'";
  if ('“”„‟«»＂'.includes(character)) return 'a text has single quotes \'…\', a quoted name straight double quotes "…"';
  switch (character) {
    case '`':
      return 'a quoted name has double quotes: "…"';
    case '#':
      return 'a comment begins with --';
    case '$':
      return "${NAME} is expanded inside texts only: '${NAME}'";
    case '{':
    case '}':
      return 'braces stand inside texts only';
    case '!':
      return 'write NOT; unequal is <> or !=';
    default:
      return null;
  }
}
