// Makes the nodes of literals and types: the post-processors of grammar/literals.ne.
// Pure, and never throwing; see build-statement.ts.

import type { Identifier, TypeReference } from './ast.ts';
import type { Expression, IntervalLiteral, StringLiteral } from './ast-expression.ts';
import type { Token } from './lexer.ts';
import { identifier, spanFrom } from './span.ts';
import { UNITS } from './terminals.ts';

export function number([token]: [Token]): Extract<Expression, { kind: 'number' }> {
  return { kind: 'number', text: token.text, span: spanFrom(token, token) };
}

export function string([token]: [Token]): StringLiteral {
  return { kind: 'string', value: token.value, span: spanFrom(token, token) };
}

export function boolean([token]: [Token]): Extract<Expression, { kind: 'boolean' }> {
  return { kind: 'boolean', value: token.text === 'TRUE', span: spanFrom(token, token) };
}

export function nullLiteral([token]: [Token]): Expression {
  return { kind: 'null', span: spanFrom(token, token) };
}

export function interval([word, text, unit]: [Token, Token, Token?]): IntervalLiteral {
  return {
    kind: 'interval',
    text: text.value,
    unit: unit === undefined ? null : UNITS.get(unit.text)!,
    span: spanFrom(word, unit ?? text),
  };
}

export function typedLiteral(tokens: Token[]): Expression {
  const text = tokens.at(-1)!;
  const type = typeName(tokens.slice(0, -1));
  return { kind: 'typed-literal', type, text: text.value, span: spanFrom(type, text) };
}

export function typeName(words: Token[]): TypeReference {
  return { name: words.map((word) => word.text).join(' '), parameters: [], span: spanFrom(words[0]!, words.at(-1)!) };
}

export function listType(parts: (Token | TypeReference)[]): TypeReference {
  const element = parts.find((part): part is TypeReference => 'parameters' in part)!;
  return { name: 'LIST', parameters: [], element, span: spanFrom(parts[0]!, parts.at(-1)!) };
}

type TypeField = { name: Identifier; type: TypeReference };

export const typeField = ([name, type]: [Token, TypeReference]): TypeField => ({ name: identifier(name), type });

export function structType([word, , fields, close]: [Token, Token, TypeField[], Token]): TypeReference {
  return { name: 'STRUCT', parameters: [], fields, span: spanFrom(word, close) };
}

export function type([named, , numbers, close]: [TypeReference, Token?, Token[]?, Token?]): TypeReference {
  if (numbers === undefined) return named;
  return { ...named, parameters: numbers.map((one) => Number(one.text)), span: spanFrom(named, close!) };
}
