// regexp_matches and its kind. A pattern is compiled once: constant ones for all rows, others as long as they repeat.

import { compilePattern, PatternError, type PatternUse } from '../../plan/regular-expression.ts';
import { ArgumentError } from './argument-error.ts';
import type { HostBody } from './host.ts';

/** Compiled patterns of one call that are kept. */
const KEPT = 100;

type Compile = (pattern: string, options: string) => RegExp;

export const regularExpressionFunctions: Readonly<Record<string, () => HostBody>> = {
  regexp_matches: () => {
    const compile = compiler({});
    return (text: string, pattern: string, options = '') => compile(pattern, options).test(text);
  },
  regexp_full_match: () => {
    const compile = compiler({ whole: true });
    return (text: string, pattern: string, options = '') => compile(pattern, options).test(text);
  },
  regexp_extract: () => {
    const compile = compiler({});
    return (text: string, pattern: string, group = 0, options = '') =>
      compile(pattern, options).exec(text)?.[group] ?? '';
  },
  regexp_count: () => {
    const compile = compiler({ replaces: true });
    return (text: string, pattern: string, options = '') => BigInt(countMatches(text, compile(pattern, `${options}g`)));
  },
  regexp_extract_all: () => {
    const compile = compiler({ replaces: true });
    return (text: string, pattern: string, group = 0, options = '') => {
      const matches = text.matchAll(compile(pattern, `${options}g`));
      return Array.from(matches, (match) => groupOf(match, group));
    };
  },
  regexp_split_to_array: () => {
    const compile = compiler({ replaces: true });
    return (text: string, pattern: string, options = '') => splitText(text, compile(pattern, `${options}g`));
  },
  regexp_escape: () => (text: string) =>
    text.replace(/[^A-Za-z0-9_\u0080-\u{10ffff}]/gu, (c) => (c === '\0' ? '\\x00' : `\\${c}`)),
  regexp_replace: () => {
    const compile = compiler({ replaces: true });
    const replacements = new Map<string, string | null>();
    return (text: string, pattern: string, replacement: string, options = '') => {
      const expression = compile(pattern, options);
      const key = `${expression.flags}/${pattern}\0${replacement}`;
      let written = replacements.get(key);
      if (written === undefined) {
        if (replacements.size >= KEPT) replacements.clear();
        written = rewriteOf(replacement, expression);
        replacements.set(key, written);
      }
      return written === null ? text : text.replace(expression, written);
    };
  },
};

function compiler(use: Omit<PatternUse, 'options'>): Compile {
  const kept = new Map<string, RegExp>();
  let [lastPattern, lastOptions]: (string | null)[] = [null, null];
  let last: RegExp | null = null;
  return (pattern, options) => {
    if (last !== null && pattern === lastPattern && options === lastOptions) return last;
    const key = `${options}/${pattern}`;
    let expression = kept.get(key);
    if (expression === undefined) {
      if (kept.size >= KEPT) kept.clear();
      expression = compileOrFail(pattern, { ...use, options });
      kept.set(key, expression);
    }
    [lastPattern, lastOptions, last] = [pattern, options, expression];
    return expression;
  };
}

function compileOrFail(pattern: string, use: PatternUse): RegExp {
  try {
    return compilePattern(pattern, use);
  } catch (error) {
    if (error instanceof PatternError) throw new ArgumentError(error.message);
    throw error;
  }
}

function countMatches(text: string, expression: RegExp): number {
  let count = 0;
  for (const _ of text.matchAll(expression)) count++;
  return count;
}

/** What a group matched, null where it took no part. */
function groupOf(match: RegExpExecArray, group: number): string | null {
  if (group >= 0 && group < match.length) return match[group] ?? null;
  throw new ArgumentError(`the pattern has ${match.length - 1} groups, not ${group}`);
}

/** The text between matches. An empty match cuts before each character but the first. */
function splitText(text: string, expression: RegExp): string[] {
  const parts: string[] = [];
  let start = 0;
  for (const { index, 0: found } of text.matchAll(expression)) {
    if (found === '' && (index === 0 || index === text.length)) continue;
    if (found === '' && index === start) continue;
    parts.push(text.slice(start, index));
    start = index + found.length;
  }
  parts.push(text.slice(start));
  return parts;
}

/**
 * `\0` to `\9` and `\\` as JavaScript writes them; null for a group that the pattern has not, which leaves the text as it
 * is. Any other backslash does the same, or, where every match is replaced, ends the replacement: so does RE2.
 */
function rewriteOf(replacement: string, expression: RegExp): string | null {
  const groups = (new RegExp(`${expression.source}|`, expression.flags).exec('')?.length ?? 1) - 1;
  const used = [...replacement.matchAll(/\\(?:(\d)|.)/gs)].map((match) => Number(match[1] ?? 0));
  if (Math.max(0, ...used) > groups) return null;
  let written = '';
  for (let at = 0; at < replacement.length; at++) {
    const c = replacement[at] as string;
    if (c === '$') written += '$$';
    else if (c !== '\\') written += c;
    else {
      const next = replacement[++at];
      if (next === '\\') written += '\\';
      else if (next === undefined || !/\d/.test(next)) return expression.global ? written : null;
      else written += next === '0' ? '$&' : `$0${next}`;
    }
  }
  return written;
}
