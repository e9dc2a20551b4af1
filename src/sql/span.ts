// Places of syntax nodes: a node reaches from the first to the last token it was made of.

import type { Identifier, Span } from './ast.ts';
import type { Token } from './lexer.ts';

/** Anything with a place; a token is its own span. */
type Placed = Span | { span: Span };

/** From the start of one to the end of the other. */
export function spanFrom(first: Placed, last: Placed): Span {
  const from = 'span' in first ? first.span : first;
  const to = 'span' in last ? last.span : last;
  return { start: from.start, end: to.end };
}

/** The identifier a word or quoted token stands for. */
export function identifier(token: Token): Identifier {
  return { name: token.value, quoted: token.type !== 'word', span: { start: token.start, end: token.end } };
}
