// Makes expression nodes from what the grammar matched: the post-processors of grammar/{expressions,literals}.ne.
// Pure, and never throwing; see build-statement.ts.

import type { Identifier, Span, TypeReference } from './ast.ts';
import type { BinaryOperator, Expression, SortItem, StringLiteral } from './ast-expression.ts';
import type { QueryExpression, WindowSpecification } from './ast-query.ts';
import type { Token } from './lexer.ts';
import { identifier, spanFrom } from './span.ts';

type Part = Token | Expression;
type Call = Extract<Expression, { kind: 'call' }>;
type Branch = { when: Expression; then: Expression };

/** Tokens have a type, nodes a kind. */
const isExpression = (part: Part): part is Expression => 'kind' in part;

// --- operators ---

export function shiftRight([left, , , right]: [Expression, Token, Token, Expression]): Expression {
  return { kind: 'binary', operator: '>>', left, right, span: spanFrom(left, right) };
}

export function binary([left, operator, right]: [Expression, Token, Expression]): Expression {
  return { kind: 'binary', operator: operator.text as BinaryOperator, left, right, span: spanFrom(left, right) };
}

export function unary([operator, operand]: [Token, Expression]): Expression {
  return { kind: 'unary', operator: operator.text as '-' | '+' | 'NOT', operand, span: spanFrom(operator, operand) };
}

/** What is said of an operand behind IS [NOT] or [NOT]: makes the node once the operand is known. */
type Test = (operand: Expression, negated: boolean) => Expression;

/** `operand [IS] [NOT] test`. */
export function tested(parts: [Expression, ...Token[], Test]): Expression {
  const [word, test] = parts.slice(-2) as [Part, Test];
  return test(parts[0], 'text' in word && word.text === 'NOT');
}

export function isNull([word]: [Token]): Test {
  return (operand, negated) => ({ kind: 'is-null', operand, negated, span: spanFrom(operand, word) });
}

export function isBoolean([literal]: [Extract<Expression, { kind: 'boolean' }>]): Test {
  const { value } = literal;
  return (operand, negated) => ({ kind: 'is-boolean', operand, value, negated, span: spanFrom(operand, literal) });
}

export function isDistinct([, , right]: [Token, Token, Expression]): Test {
  return (left, negated) => ({ kind: 'is-distinct', left, right, negated, span: spanFrom(left, right) });
}

export function between([, low, , high]: [Token, Expression, Token, Expression]): Test {
  return (operand, negated) => ({ kind: 'between', operand, low, high, negated, span: spanFrom(operand, high) });
}

export function inList([, , list, close]: [Token, Token, Expression[], Token]): Test {
  return (operand, negated) => ({ kind: 'in', operand, list, negated, span: spanFrom(operand, close) });
}

export function inQuery([, , query, close]: [Token, Token, QueryExpression, Token]): Test {
  return (operand, negated) => ({ kind: 'in-query', operand, query, negated, span: spanFrom(operand, close) });
}

export function scalarQuery([open, query, close]: [Token, QueryExpression, Token]): Expression {
  return { kind: 'scalar-query', query, span: spanFrom(open, close) };
}

export function exists([word, , query, close]: [Token, Token, QueryExpression, Token]): Expression {
  return { kind: 'exists', query, span: spanFrom(word, close) };
}

export function like([word, pattern, , escapedBy]: [Token, Expression, Token?, Expression?]): Test {
  return (operand, negated) => ({
    kind: 'like',
    operand,
    pattern,
    escape: escapedBy ?? null,
    caseInsensitive: word.text === 'ILIKE',
    negated,
    span: spanFrom(operand, escapedBy ?? pattern),
  });
}

/** `a SIMILAR TO b` is `a ~ b`. */
export function similar([, , pattern]: [Token, Token, Expression]): Test {
  return (operand, negated) => ({
    kind: 'binary',
    operator: negated ? '!~' : '~',
    left: operand,
    right: pattern,
    span: spanFrom(operand, pattern),
  });
}

/** `t AT TIME ZONE zone` is `timezone(zone, t)`. */
export function atTimeZone([time, at, , , zone]: [Expression, Token, Token, Token, Expression]): Expression {
  const name: Identifier = { name: 'timezone', quoted: false, span: { start: at.start, end: at.end } };
  const call = { distinct: false, star: false, order: null, filter: null, over: null };
  return { kind: 'call', name, arguments: [zone, time], ...call, span: spanFrom(time, zone) };
}

/** Widens the span to the parentheses: what is underlined is what was written. */
export function parenthesised([open, expression, close]: [Token, Expression, Token]): Expression {
  return { ...expression, span: spanFrom(open, close) };
}

export function column([name]: [Token]): Expression {
  return { kind: 'column', path: [identifier(name)], span: spanFrom(name, name) };
}

// --- CASE ---

interface CaseEnd {
  otherwise: Expression | null;
  span: Span;
}

export const branch = ([, when, , then]: [Token, Expression, Token, Expression]): Branch => ({ when, then });

export function caseEnd(parts: [Token] | [Token, Expression, Token]): CaseEnd {
  const last = parts.at(-1) as Token;
  return { otherwise: parts.length === 3 ? parts[1] : null, span: spanFrom(last, last) };
}

export function searchedCase([word, branches, end]: [Token, Branch[], CaseEnd]): Expression {
  return { kind: 'case', operand: null, branches, otherwise: end.otherwise, span: spanFrom(word, end) };
}

export function simpleCase([word, operand, branches, end]: [Token, Expression, Branch[], CaseEnd]): Expression {
  return { kind: 'case', operand, branches, otherwise: end.otherwise, span: spanFrom(word, end) };
}

// --- calls ---

type Arguments = Pick<Call, 'arguments' | 'distinct' | 'star' | 'order' | 'ignoreNulls' | 'span'>;
type Order = NonNullable<Call['order']>;

export function argumentList(parts: [Token, Token] | [Token, Expression[], Token]): Arguments {
  const list = parts.length === 3 ? parts[1] : [];
  const span = spanFrom(parts[0], parts.at(-1) as Token);
  return { arguments: list, distinct: false, star: false, order: null, span };
}

export function argumentStar([open, , close]: [Token, Token, Token]): Arguments {
  return { arguments: [], distinct: false, star: true, order: null, span: spanFrom(open, close) };
}

export function argumentsDistinct([open, , list, close]: [Token, Token, Expression[], Token]): Arguments {
  return { arguments: list, distinct: true, star: false, order: null, span: spanFrom(open, close) };
}

/** `( [DISTINCT] list ORDER BY items )`. */
export function argumentsOrdered(parts: (Token | Expression[] | SortItem[])[]): Arguments {
  const [order, , items, close] = parts.slice(-4) as [Token, Token, SortItem[], Token];
  const list = parts.at(-5) as Expression[];
  const sorted: Order = { items, within: false, span: spanFrom(order, items.at(-1)!) };
  const span = spanFrom(parts[0] as Token, close);
  return { arguments: list, distinct: parts.length === 7, star: false, order: sorted, span };
}

export function withinGroup(parts: [Token, Token, Token, Token, Token, SortItem[], Token]): Order {
  return { items: parts[5], within: true, span: spanFrom(parts[0], parts[6]) };
}

export const sortKey = ([expression, word]: [Expression, Token?]): SortItem => ({
  expression,
  descending: word?.text === 'DESC',
  nullsFirst: null,
  span: spanFrom(expression, word ?? expression),
});

export const sortNulls = ([key, , word]: [SortItem, Token, Token]): SortItem => ({
  ...key,
  nullsFirst: word.text === 'FIRST',
  span: spanFrom(key, word),
});

interface Filter {
  condition: Expression;
  span: Span;
}

export function filter([word, , , condition, close]: [Token, Token, Token, Expression, Token]): Filter {
  return { condition, span: spanFrom(word, close) };
}

interface Nulls {
  isIgnored: boolean;
  span: Span;
}

export function nulls([word, last]: [Token, Token]): Nulls {
  return { isIgnored: word.text === 'IGNORE', span: spanFrom(word, last) };
}

export function argumentsNulls([open, list, { isIgnored }, close]: [Token, Expression[], Nulls, Token]): Arguments {
  return { ...argumentList([open, list, close]), ...(isIgnored ? { ignoreNulls: true } : {}) };
}

/** A call with what stands behind its arguments. */
export function call([name, list, ...clauses]: [
  Token,
  Arguments,
  ...(Order | Filter | Nulls | WindowSpecification)[],
]): Call {
  const within = clauses.find((clause) => 'items' in clause);
  const over = clauses.find((clause) => 'partitionBy' in clause);
  const filtered = clauses.find((clause) => 'condition' in clause);
  return {
    kind: 'call',
    name: identifier(name),
    ...list,
    order: within ?? list.order,
    filter: filtered?.condition ?? null,
    over: over ?? null,
    ...(clauses.some((clause) => 'isIgnored' in clause && clause.isIgnored) ? { ignoreNulls: true } : {}),
    span: spanFrom(name, clauses.at(-1) ?? list),
  };
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

/** A call that another syntax stands for; its name has the span of the word that was written. */
function callNamed(name: string, word: Token, list: Expression[], close: Token): Call {
  return {
    kind: 'call',
    name: { name, quoted: false, span: spanFrom(word, word) },
    arguments: list,
    distinct: false,
    star: false,
    order: null,
    filter: null,
    over: null,
    span: spanFrom(word, close),
  };
}

/** EXTRACT(field FROM x) is date_part('field', x). */
export function extract([word, , field, , value, close]: [Token, Token, Token, Token, Expression, Token]): Call {
  const part: StringLiteral = { kind: 'string', value: field.value.toLowerCase(), span: spanFrom(field, field) };
  return callNamed('date_part', word, [part, value], close);
}

export function position([word, , list, close]: [Token, Token, Expression[], Token]): Call {
  return callNamed(word.value, word, list, close);
}

/** POSITION(part IN text) is position(text, part). */
export const positionIn = ([part, , text]: [Expression, Token, Expression]): Expression[] => [text, part];

export const positionList = ([text, , part]: [Expression, Token, Expression]): Expression[] => [text, part];

export function substring([word, , list, close]: [Token, Token, Expression[], Token]): Call {
  return callNamed('substring', word, list, close);
}

/** SUBSTRING(text FROM start [FOR length]) is substring(text, start [, length]). */
export const substringFrom = (parts: Part[]): Expression[] => parts.filter(isExpression);

/** SUBSTRING(text FOR length) is substring(text, 1, length). */
export function substringFor([text, , length]: [Expression, Token, Expression]): Expression[] {
  return [text, { kind: 'number', text: '1', span: spanFrom(length, length) }, length];
}

interface Trim {
  name: string;
  list: Expression[];
}

/** TRIM([side] [characters] FROM text) is trim, ltrim or rtrim(text [, characters]). */
export function trimFrom(parts: Part[]): Trim {
  const side = parts[0]!;
  const name = isExpression(side) ? 'trim' : (TRIMS[side.text] ?? 'trim');
  return { name, list: parts.filter(isExpression).reverse() };
}

const TRIMS: Readonly<Record<string, string>> = { LEADING: 'ltrim', TRAILING: 'rtrim' };

export function trim([word, , { name, list }, close]: [Token, Token, Trim, Token]): Call {
  return callNamed(name, word, list, close);
}
