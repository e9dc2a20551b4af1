// Makes the nodes of lists, structs and what is inside of them: the post-processors of grammar/expressions.ne.
// Pure, and never throwing; see build-statement.ts.

import type { Identifier } from './ast.ts';
import type { Expression } from './ast-expression.ts';
import type { Token } from './lexer.ts';
import { identifier, spanFrom } from './span.ts';

/** `operand.name`; behind a path, one more name of it. */
export function field([operand, , last]: [Expression, Token, Token]): Expression {
  const name = identifier(last);
  const span = spanFrom(operand, last);
  if (operand.kind === 'column') return { kind: 'column', path: [...operand.path, name], span };
  return { kind: 'field', operand, name, span };
}

export function subscript([operand, , index, close]: [Expression, Token, Expression, Token]): Expression {
  return { kind: 'subscript', operand, index, span: spanFrom(operand, close) };
}

interface Bounds {
  low: Expression | null;
  high: Expression | null;
}

export function sliceBounds(parts: (Token | Expression)[]): Bounds {
  const colon = parts.findIndex((part) => 'text' in part && !('kind' in part) && part.text === ':');
  return { low: (parts[colon - 1] as Expression) ?? null, high: (parts[colon + 1] as Expression) ?? null };
}

export function slice([operand, , bounds, close]: [Expression, Token, Bounds, Token]): Expression {
  return { kind: 'slice', operand, ...bounds, span: spanFrom(operand, close) };
}

export function list(parts: (Token | Expression[])[]): Expression {
  const items = parts.find((part): part is Expression[] => Array.isArray(part)) ?? [];
  return { kind: 'list', items, span: spanFrom(parts[0] as Token, parts.at(-1) as Token) };
}

interface Field {
  name: Identifier;
  value: Expression;
}

/** A name in single quotes is one as in double quotes. */
export function structField([name, , value]: [Token, Token, Expression]): Field {
  const isText = name.type === 'string';
  return { name: isText ? { name: name.value, quoted: true, span: spanFrom(name, name) } : identifier(name), value };
}

export function struct([open, fields, close]: [Token, Field[], Token]): Expression {
  return { kind: 'struct', fields, span: spanFrom(open, close) };
}

export function structPack([word, , fields, close]: [Token, Token, Field[], Token]): Expression {
  return { kind: 'struct', fields, span: spanFrom(word, close) };
}
