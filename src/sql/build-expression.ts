// Makes expression nodes from what the grammar matched: the post-processors of grammar/{expressions,literals}.ne.
// Pure, and never throwing; see build-statement.ts.

import type { BinaryOperator, Expression, Identifier, IntervalLiteral, StringLiteral, TypeReference } from './ast.ts';
import type { Token } from './lexer.ts';
import { identifier, spanFrom } from './span.ts';
import { UNITS } from './terminals.ts';

type Part = Token | Expression;
type Call = Extract<Expression, { kind: 'call' }>;
type Branch = { when: Expression; then: Expression };

/** Tokens have a type, nodes a kind. */
const isExpression = (part: Part | Expression[] | TypeReference): part is Expression => 'kind' in part;

// --- operators ---

export function binary([left, operator, right]: [Expression, Token, Expression]): Expression {
  return { kind: 'binary', operator: operator.text as BinaryOperator, left, right, span: spanFrom(left, right) };
}

export function unary([operator, operand]: [Token, Expression]): Expression {
  return { kind: 'unary', operator: operator.text as '-' | '+' | 'NOT', operand, span: spanFrom(operator, operand) };
}

export const isNull =
  (negated: boolean) =>
  ([operand, ...words]: [Expression, ...Token[]]): Expression => ({
    kind: 'is-null',
    operand,
    negated,
    span: spanFrom(operand, words.at(-1)!),
  });

export const isBoolean =
  (negated: boolean) =>
  (parts: [Expression, ...(Token | Expression)[]]): Expression => {
    const literal = parts.at(-1) as Extract<Expression, { kind: 'boolean' }>;
    return { kind: 'is-boolean', operand: parts[0], value: literal.value, negated, span: spanFrom(parts[0], literal) };
  };

export const isDistinct =
  (negated: boolean) =>
  (parts: Part[]): Expression => {
    const [left, right] = parts.filter(isExpression) as [Expression, Expression];
    return { kind: 'is-distinct', left, right, negated, span: spanFrom(left, right) };
  };

export const between =
  (negated: boolean) =>
  (parts: Part[]): Expression => {
    const [operand, low, high] = parts.filter(isExpression) as [Expression, Expression, Expression];
    return { kind: 'between', operand, low, high, negated, span: spanFrom(operand, high) };
  };

export const inList =
  (negated: boolean) =>
  (parts: [Expression, ...(Token | Expression[])[]]): Expression => ({
    kind: 'in',
    operand: parts[0],
    list: parts.at(-2) as Expression[],
    negated,
    span: spanFrom(parts[0], parts.at(-1) as Token),
  });

export const likeWords = (words: Token[]): { caseInsensitive: boolean; negated: boolean } => ({
  caseInsensitive: words.at(-1)!.text === 'ILIKE',
  negated: words.length > 1,
});

export function like(
  parts: [Expression, { caseInsensitive: boolean; negated: boolean }, Expression, Token?, Expression?],
): Expression {
  const [operand, { caseInsensitive, negated }, pattern, , escapedBy] = parts;
  const span = spanFrom(operand, escapedBy ?? pattern);
  return { kind: 'like', operand, pattern, escape: escapedBy ?? null, caseInsensitive, negated, span };
}

/** Widens the span to the parentheses: what is underlined is what was written. */
export function parenthesised([open, expression, close]: [Token, Expression, Token]): Expression {
  return { ...expression, span: spanFrom(open, close) };
}

export function column([head, , last]: [Token, Token?, Token?]): Expression {
  const path = last === undefined ? [identifier(head)] : [identifier(head), identifier(last)];
  return { kind: 'column', path, span: spanFrom(head, last ?? head) };
}

// --- CASE ---

export const branch = ([, when, , then]: [Token, Expression, Token, Expression]): Branch => ({ when, then });

export function searchedCase([word, branches, ...rest]: [Token, Branch[], ...Part[]]): Expression {
  return {
    kind: 'case',
    operand: null,
    branches,
    otherwise: rest.find(isExpression) ?? null,
    span: spanFrom(word, rest.at(-1)!),
  };
}

export function simpleCase([word, operand, branches, ...rest]: [Token, Expression, Branch[], ...Part[]]): Expression {
  return {
    kind: 'case',
    operand,
    branches,
    otherwise: rest.find(isExpression) ?? null,
    span: spanFrom(word, rest.at(-1)!),
  };
}

// --- calls ---

function callOf(name: Identifier, list: Expression[], close: Token, first: Token): Call {
  const span = spanFrom(first, close);
  return { kind: 'call', name, arguments: list, distinct: false, star: false, filter: null, span };
}

/** A call that another syntax stands for; its name has the span of the word that was written. */
function callNamed(name: string, parts: Part[], list: Expression[]): Call {
  const word = parts[0] as Token;
  return callOf({ name, quoted: false, span: spanFrom(word, word) }, list, parts.at(-1) as Token, word);
}

export function call([name, , list, close]: [Token, Token, Expression[], Token]): Call {
  return callOf(identifier(name), list, close, name);
}

export function callEmpty([name, , close]: [Token, Token, Token]): Call {
  return callOf(identifier(name), [], close, name);
}

export function callStar([name, , , close]: [Token, Token, Token, Token]): Call {
  return { ...callOf(identifier(name), [], close, name), star: true };
}

export function callDistinct([name, , , list, close]: [Token, Token, Token, Expression[], Token]): Call {
  return { ...callOf(identifier(name), list, close, name), distinct: true };
}

export function callPosition([name, , text, , part, close]: [
  Token,
  Token,
  Expression,
  Token,
  Expression,
  Token,
]): Call {
  return callOf(identifier(name), [text, part], close, name);
}

export function filteredCall([called, , , , filter, close]: [Call, Token, Token, Token, Expression, Token]): Call {
  return { ...called, filter, span: spanFrom(called, close) };
}

export const cast =
  (isTry: boolean) =>
  ([word, , operand, , type, close]: [Token, Token, Expression, Token, TypeReference, Token]): Expression => ({
    kind: 'cast',
    operand,
    type,
    try: isTry,
    span: spanFrom(word, close),
  });

export function castSuffix([operand, , type]: [Expression, Token, TypeReference]): Expression {
  return { kind: 'cast', operand, type, try: false, span: spanFrom(operand, type) };
}

/** EXTRACT(field FROM x) is date_part('field', x). */
export function extract([word, open, field, from, value, close]: [
  Token,
  Token,
  Token,
  Token,
  Expression,
  Token,
]): Call {
  const part: StringLiteral = { kind: 'string', value: field.value.toLowerCase(), span: spanFrom(field, field) };
  return callNamed('date_part', [word, open, from, close], [part, value]);
}

/** POSITION(part IN text) is position(text, part). */
export function positionIn(parts: Part[]): Call {
  const [part, text] = parts.filter(isExpression) as [Expression, Expression];
  return callNamed('position', parts, [text, part]);
}

/** SUBSTRING(text FROM start [FOR length]) is substring(text, start [, length]). */
export function substringFrom(parts: Part[]): Call {
  return callNamed('substring', parts, parts.filter(isExpression));
}

/** SUBSTRING(text FOR length) is substring(text, 1, length). */
export function substringFor(parts: Part[]): Call {
  const [text, length] = parts.filter(isExpression) as [Expression, Expression];
  const start: Expression = { kind: 'number', text: '1', span: spanFrom(length, length) };
  return callNamed('substring', parts, [text, start, length]);
}

/** TRIM([side] [characters] FROM text) is trim, ltrim or rtrim(text [, characters]). */
export function trim(parts: Part[]): Call {
  const side = (parts[2] as Token).text;
  const name = side === 'LEADING' ? 'ltrim' : side === 'TRAILING' ? 'rtrim' : 'trim';
  return callNamed(name, parts, parts.filter(isExpression).reverse());
}

// --- literals and types ---

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

export function type([named, , numbers, close]: [TypeReference, Token?, Token[]?, Token?]): TypeReference {
  if (numbers === undefined) return named;
  return { ...named, parameters: numbers.map((one) => Number(one.text)), span: spanFrom(named, close!) };
}
