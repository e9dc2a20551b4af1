// Makes the windows of OVER from what the grammar matched: see build-query.ts.

import type { Span } from './ast.ts';
import type { Expression, IntervalLiteral, NumberLiteral, SortItem } from './ast-expression.ts';
import type { FrameBound, NamedWindow, WindowFrame, WindowSpecification } from './ast-query.ts';
import type { Token } from './lexer.ts';
import { identifier, spanFrom } from './span.ts';

export function namedWindow([name, , window]: [Token, Token, WindowSpecification]): NamedWindow {
  return { name: identifier(name), window, span: spanFrom(name, window) };
}

export function overName([, name]: [Token, Token]): WindowSpecification {
  return { ...windowBase([name]), span: spanFrom(name, name) };
}

export function window([open, ...rest]: [
  Token,
  ...(WindowSpecification | WindowFrame | Token)[],
]): WindowSpecification {
  let made: WindowSpecification = { base: null, partitionBy: [], orderBy: [], frame: null, span: open };
  for (const part of rest) {
    if ('unit' in part) made = { ...made, frame: part };
    else if ('base' in part) made = part;
  }
  return { ...made, span: spanFrom(open, rest.at(-1)!) };
}

export function windowBase([name]: [Token]): WindowSpecification {
  return { base: identifier(name), partitionBy: [], orderBy: [], frame: null, span: spanFrom(name, name) };
}

/** `[base] PARTITION BY list`. */
export function windowPartition(parts: [...Token[], Expression[]]): WindowSpecification {
  const list = parts.at(-1) as Expression[];
  const base = parts.length === 4 ? identifier(parts[0] as Token) : null;
  return { base, partitionBy: list, orderBy: [], frame: null, span: spanFrom(parts[0] as Token, list.at(-1)!) };
}

/** `[base or partition] ORDER BY items`. */
export function windowOrder(parts: [...(Token | WindowSpecification)[], SortItem[]]): WindowSpecification {
  const items = parts.at(-1) as SortItem[];
  const [before] = parts;
  const isBare = parts.length === 3;
  const span = spanFrom(before as Token, items.at(-1)!);
  if (isBare) return { base: null, partitionBy: [], orderBy: items, frame: null, span };
  return { ...(before as WindowSpecification), orderBy: items, span };
}

/** `unit bound` reaches to the current row. */
export function frame(parts: [Token, FrameBound] | [Token, Token, FrameBound, Token, FrameBound]): WindowFrame {
  const unit = parts[0].text as WindowFrame['unit'];
  if (parts.length === 5) return { unit, start: parts[2], end: parts[4], span: spanFrom(parts[0], parts[4]) };
  const [word, start] = parts;
  return { unit, start, end: { kind: 'current', offset: null, span: start.span }, span: spanFrom(word, start) };
}

interface Exclusion {
  exclude: WindowFrame['exclude'] | null;
  span: Span;
}

export function exclusion(words: Token[]): Exclusion {
  const what = words.slice(1).map(({ text }) => text);
  const exclude = what[0] === 'NO' ? null : (what.join(' ') as WindowFrame['exclude']);
  return { exclude, span: spanFrom(words[0]!, words.at(-1)!) };
}

export function frameExclusion([extent, { exclude, span }]: [WindowFrame, Exclusion]): WindowFrame {
  const whole = { ...extent, span: spanFrom(extent, span) };
  return exclude === null || exclude === undefined ? whole : { ...whole, exclude };
}

export function frameBound([first, word]: [Token | NumberLiteral | IntervalLiteral, Token]): FrameBound {
  const offset = 'kind' in first ? first : null;
  const kind = word.text === 'ROW' ? 'current' : (word.text.toLowerCase() as 'preceding' | 'following');
  return { kind, offset, span: spanFrom('kind' in first ? first.span : first, word) };
}
