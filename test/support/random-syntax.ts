// Random syntax trees (fast-check), as the parser could have made them; all spans are empty.

import fc from 'fast-check';
import type { Identifier, Pipeline, Statement, TypeReference } from '../../src/sql/ast.ts';
import type { Expression, IntervalLiteral, SortItem } from '../../src/sql/ast-expression.ts';
import type {
  CommonTable,
  FrameBound,
  JoinCondition,
  LimitClause,
  NamedTable,
  ProbeClause,
  Query,
  QueryExpression,
  TableReference,
  UnionQuery,
  WindowSpecification,
} from '../../src/sql/ast-query.ts';

const span = { start: 0, end: 0 };

const plainName = fc.constantFrom('a', 'b', 'Price', 'window_start', 'emit', 'date', 'interval', 'größe', '_x');
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom("it's", '\\n', 'a\nb', '${X}', '--', '/*', '"', ';', ''),
);

const identifier: fc.Arbitrary<Identifier> = fc.oneof(
  plainName.map((name) => ({ name, quoted: false, span })),
  fc.oneof(anyText, fc.constantFrom('select', 'From', 'a.b')).map((name) => ({ name, quoted: true, span })),
);

const label: fc.Arbitrary<Identifier> = fc.oneof(
  identifier,
  fc.constantFrom('select', 'FROM', 'end', 'null').map((name) => ({ name, quoted: false, span })),
);

const type: fc.Arbitrary<TypeReference> = fc.constantFrom<TypeReference[]>(
  { name: 'BIGINT', parameters: [], span },
  { name: 'DOUBLE PRECISION', parameters: [], span },
  { name: 'DECIMAL', parameters: [10, 2], span },
  { name: 'TIMESTAMP WITH TIME ZONE', parameters: [], span },
  { name: 'LIST', parameters: [], element: { name: 'BIGINT', parameters: [], span }, span },
  {
    name: 'STRUCT',
    parameters: [],
    fields: [
      { name: { name: 'a', quoted: false, span }, type: { name: 'DATE', parameters: [], span } },
      { name: { name: 'select', quoted: true, span }, type: { name: 'JSON', parameters: [], span } },
    ],
    span,
  },
);

const numberText = fc.constantFrom('0', '1', '1.5', '.5', '5.', '1e3', '9223372036854775808');

const interval: fc.Arbitrary<IntervalLiteral> = fc.record({
  kind: fc.constant('interval' as const),
  text: fc.oneof(fc.constantFrom('5', '1 minute', '-1.5'), anyText),
  unit: fc.constantFrom(null, 'SECOND', 'DAY'),
  span: fc.constant(span),
});

const frameOffset = fc.oneof(
  numberText.map((text) => ({ kind: 'number' as const, text, span })),
  interval,
);

const frameBound: fc.Arbitrary<FrameBound> = fc.oneof(
  fc.constant({ kind: 'current' as const, offset: null, span }),
  fc.record({
    kind: fc.constantFrom('preceding' as const, 'following' as const),
    offset: fc.option(frameOffset),
    span: fc.constant(span),
  }),
);

function sortItemOf(expression: fc.Arbitrary<Expression>): fc.Arbitrary<SortItem> {
  return fc.record({
    expression,
    descending: fc.boolean(),
    nullsFirst: fc.constantFrom(null, true, false),
    span: fc.constant(span),
  });
}

function windowOf(expression: fc.Arbitrary<Expression>): fc.Arbitrary<WindowSpecification> {
  return fc.record({
    base: fc.option(identifier),
    partitionBy: fc.array(expression, { maxLength: 2 }),
    orderBy: fc.array(sortItemOf(expression), { maxLength: 2 }),
    frame: fc.option(
      fc
        .tuple(
          fc.constantFrom('ROWS' as const, 'RANGE' as const, 'GROUPS' as const),
          frameBound,
          frameBound,
          fc.constantFrom(null, 'CURRENT ROW' as const, 'GROUP' as const, 'TIES' as const),
        )
        .map(([unit, start, end, exclude]) => ({ unit, start, end, span, ...(exclude === null ? {} : { exclude }) })),
    ),
    span: fc.constant(span),
  });
}

const binaryOperator = fc.constantFrom(
  ...([
    '+',
    '-',
    '*',
    '/',
    '//',
    '%',
    '||',
    '->',
    '->>',
    '~',
    '!~*',
    '&',
    '|',
    '<<',
    '>>',
    '^',
    '=',
    '<>',
    '<',
    '<=',
    '>',
    '>=',
    'AND',
    'OR',
  ] as const),
);

/** Every kind of expression, nested in every way. */
export const randomExpression: fc.Arbitrary<Expression> = fc.letrec<{ expression: Expression }>((tie) => {
  const part = tie('expression');
  const parts = fc.array(part, { minLength: 1, maxLength: 3 });
  const negated = fc.boolean();
  const sortItem = fc
    .tuple(part, fc.boolean(), fc.option(fc.boolean()))
    .map(([expression, descending, nullsFirst]) => ({ expression, descending, nullsFirst, span }));
  const order = fc
    .tuple(fc.array(sortItem, { minLength: 1, maxLength: 2 }), fc.boolean())
    .map(([items, within]) => ({ items, within, span }));
  const leaf = fc.oneof(
    numberText.map((text) => ({ kind: 'number' as const, text, span })),
    anyText.map((value) => ({ kind: 'string' as const, value, span })),
    fc.boolean().map((value) => ({ kind: 'boolean' as const, value, span })),
    fc.constant({ kind: 'null' as const, span }),
    interval,
    anyText.map((text) => ({
      kind: 'typed-literal' as const,
      type: { name: 'DATE', parameters: [], span },
      text,
      span,
    })),
    identifier.map((name) => ({ kind: 'column' as const, path: [name], span })),
    fc
      .tuple(identifier, fc.array(label, { minLength: 1, maxLength: 3 }))
      .map(([first, rest]) => ({ kind: 'column' as const, path: [first, ...rest], span })),
  );
  const branch = fc.tuple(part, part).map(([when, then]) => ({ when, then }));
  const node = fc.oneof(
    fc
      .tuple(fc.constantFrom('-', '+', '~', 'NOT'), part)
      .map(([operator, operand]) => ({ kind: 'unary', operator, operand })),
    fc.tuple(binaryOperator, part, part).map(([operator, left, right]) => ({ kind: 'binary', operator, left, right })),
    fc.tuple(part, negated).map(([operand, not]) => ({ kind: 'is-null', operand, negated: not })),
    fc
      .tuple(part, fc.boolean(), negated)
      .map(([operand, value, not]) => ({ kind: 'is-boolean', operand, value, negated: not })),
    fc.tuple(part, part, negated).map(([left, right, not]) => ({ kind: 'is-distinct', left, right, negated: not })),
    fc
      .tuple(part, part, part, negated)
      .map(([operand, low, high, not]) => ({ kind: 'between', operand, low, high, negated: not })),
    fc.tuple(part, parts, negated).map(([operand, list, not]) => ({ kind: 'in', operand, list, negated: not })),
    fc
      .tuple(part, part, fc.option(part), fc.boolean(), negated)
      .map(([operand, pattern, escapedBy, caseInsensitive, not]) => ({
        ...{ kind: 'like', operand, pattern, escape: escapedBy, caseInsensitive, negated: not },
      })),
    fc
      .tuple(fc.option(part), fc.array(branch, { minLength: 1, maxLength: 2 }), fc.option(part))
      .map(([operand, branches, otherwise]) => ({ kind: 'case', operand, branches, otherwise })),
    fc
      .tuple(
        part.filter((operand) => operand.kind !== 'column'),
        label,
      )
      .map(([operand, name]) => ({ kind: 'field', operand, name })),
    fc.tuple(part, part).map(([operand, index]) => ({ kind: 'subscript', operand, index })),
    fc
      .tuple(part, fc.option(part), fc.option(part))
      .map(([operand, low, high]) => ({ kind: 'slice', operand, low, high })),
    fc.array(part, { maxLength: 3 }).map((items) => ({ kind: 'list', items })),
    fc
      .array(fc.record({ name: label, value: part }), { minLength: 1, maxLength: 3 })
      .map((fields) => ({ kind: 'struct', fields })),
    fc.tuple(part, type, fc.boolean()).map(([operand, to, isTry]) => ({ kind: 'cast', operand, type: to, try: isTry })),
    fc
      .tuple(
        identifier,
        fc.array(part, { maxLength: 3 }),
        fc.boolean(),
        fc.option(part),
        fc.record({ sorted: fc.option(order), over: fc.option(windowOf(part)), ignoresNulls: fc.boolean() }),
      )
      .map(([name, list, distinct, filter, { sorted, over, ignoresNulls }]) => ({
        ...{
          kind: 'call',
          name,
          arguments: list,
          distinct: distinct && list.length > 0,
          star: list.length === 0,
          order: list.length > 0 || sorted?.within ? sorted : null,
          filter,
          over,
          ...(ignoresNulls && over !== null && sorted === null ? { ignoreNulls: true } : {}),
        },
      })),
  );
  return {
    expression: fc.oneof(
      { maxDepth: 4 },
      leaf,
      node.map((fields) => ({ ...fields, span }) as unknown as Expression),
    ),
  };
}).expression;

const number = numberText.map((text) => ({ kind: 'number' as const, text, span }));

const limit: fc.Arbitrary<LimitClause> = fc.oneof(
  fc.record({ count: number, offset: fc.option(number), by: fc.constant<Expression[]>([]), span: fc.constant(span) }),
  fc.record({
    count: number,
    offset: fc.constant(null),
    by: fc.array(randomExpression, { minLength: 1, maxLength: 2 }),
    span: fc.constant(span),
  }),
  fc.record({ count: fc.constant(null), offset: number, by: fc.constant<Expression[]>([]), span: fc.constant(span) }),
);

const replaced = fc.record({ expression: randomExpression, name: label, span: fc.constant(span) });

const star = fc.record({
  kind: fc.constant('star' as const),
  qualifier: fc.option(identifier),
  exclude: fc.array(label, { maxLength: 2 }),
  replace: fc.array(replaced, { maxLength: 2 }),
  span: fc.constant(span),
});

const namedTable: fc.Arbitrary<NamedTable> = fc
  .tuple(
    fc.record({
      kind: fc.constant('name' as const),
      name: identifier,
      alias: fc.option(label),
      span: fc.constant(span),
    }),
    fc.option(fc.record({ time: randomExpression, column: fc.option(label), span: fc.constant(span) })),
  )
  .map(([table, asOf]) => (asOf === null ? table : { ...table, asOf }));

const joinCondition: fc.Arbitrary<JoinCondition> = fc.oneof(
  randomExpression.map((expression) => ({ kind: 'on' as const, expression, span })),
  fc.array(label, { minLength: 1, maxLength: 2 }).map((columns): JoinCondition => ({ kind: 'using', columns, span })),
  fc.constant<JoinCondition>({ kind: 'natural', span }),
);

const joinType = fc.constantFrom('inner' as const, 'left' as const, 'right' as const, 'full' as const);

/** A probe join whose offsets are drawn from one of its names. */
function probeOf(
  left: TableReference,
  right: TableReference,
  columns: Identifier[],
  at: IntervalLiteral,
): TableReference {
  const [alias] = columns as [Identifier];
  const offsets = alias.quoted
    ? ({ kind: 'list', items: [at, { ...at, text: '5s', unit: null }], span } as const)
    : ({ kind: 'range', from: at, to: at, step: columns.length > 1 ? at : null, span } as const);
  const times = columns.length > 1 ? ([alias, alias] as const) : null;
  const condition = { kind: 'using' as const, columns, span };
  return {
    kind: 'join',
    join: 'left',
    left,
    right,
    condition,
    probe: { times, offsets: { ...offsets } as ProbeClause['offsets'], alias },
    span,
  };
}

/** Tables and joins of them, to the left and, in parentheses, to the right; CROSS JOIN has no condition. */
const joinedTable: fc.Arbitrary<TableReference> = fc.letrec<{ table: TableReference }>((tie) => ({
  table: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    { arbitrary: namedTable, weight: 3 },
    fc
      .tuple(tie('table'), tie('table'), fc.option(fc.tuple(joinType, joinCondition)), fc.option(randomExpression))
      .map(([left, right, on, match]): TableReference => {
        const columns = on?.[1].kind === 'using' ? on[1].columns : [];
        if (match?.kind === 'interval' && columns.length > 0) return probeOf(left, right, columns, match);
        const [join, condition] = on ?? ['inner', null];
        // An ASOF join has a condition of either kind, and is never natural.
        const asof = condition?.kind !== 'natural' && (match !== null || (condition !== null && join === 'right'));
        return { kind: 'join', join, left, right, condition, ...(asof ? { asof: { match } } : {}), span };
      }),
  ),
})).table;

const select: fc.Arbitrary<Query> = fc.record({
  kind: fc.constant('query' as const),
  with: fc.constant<CommonTable[]>([]),
  distinct: fc.constant(false),
  distinctOn: fc.array(randomExpression, { maxLength: 2 }),
  items: fc.array(
    fc.oneof(
      star,
      fc.record({
        kind: fc.constant('expression' as const),
        expression: randomExpression,
        alias: fc.option(label),
        span: fc.constant(span),
      }),
    ),
    { minLength: 1, maxLength: 3 },
  ),
  from: joinedTable,
  unnests: fc.array(
    fc
      .tuple(randomExpression, fc.boolean(), fc.option(label), fc.array(label, { maxLength: 2 }), fc.boolean())
      .map(([list, ordinality, alias, columns, outer]) => {
        return { list, ordinality, alias, columns: alias === null ? [] : columns, outer, span };
      }),
    { maxLength: 2 },
  ),
  where: fc.option(randomExpression),
  groupBy: fc.array(randomExpression, { maxLength: 2 }),
  groupByAll: fc.constant(false),
  having: fc.option(randomExpression),
  windows: fc.array(fc.record({ name: identifier, window: windowOf(randomExpression), span: fc.constant(span) }), {
    maxLength: 2,
  }),
  qualify: fc.option(randomExpression),
  orderBy: fc.array(sortItemOf(randomExpression), { maxLength: 2 }),
  limit: fc.option(limit),
  span: fc.constant(span),
});

/** Queries of queries: WITH, UNION ALL, subqueries, DISTINCT, GROUP BY ALL. */
const query: fc.Arbitrary<QueryExpression> = fc.letrec<{ query: QueryExpression; table: CommonTable }>((tie) => {
  const part = tie('query');
  const isBareUnion = (read: QueryExpression) => read.kind === 'union' && read.with.length === 0;
  const tables = fc.array(tie('table'), { maxLength: 1 });
  const changed = fc
    .record({
      read: select,
      tables,
      distinct: fc.boolean(),
      all: fc.boolean(),
      inner: fc.option(fc.record({ query: part, alias: fc.option(label) })),
    })
    .map(
      ({ read, tables: common, distinct, all, inner }): Query => ({
        ...read,
        with: common,
        distinct: distinct && read.distinctOn.length === 0,
        groupByAll: all && read.groupBy.length === 0,
        from: inner === null ? read.from : { kind: 'subquery', ...inner, span },
      }),
    );
  // A union that begins with a union is one; DISTINCT ON in parentheses is read as a subquery.
  const isInput = (read: QueryExpression) => read.kind === 'union' || read.distinctOn.length === 0;
  const union = fc
    .tuple(
      tables,
      part.filter((read) => isInput(read) && !isBareUnion(read)),
      fc.array(part.filter(isInput), { minLength: 1, maxLength: 2 }),
    )
    .map(([common, first, rest]): UnionQuery => ({ kind: 'union', with: common, inputs: [first, ...rest], span }));
  return {
    query: fc.oneof({ maxDepth: 2, depthSize: 'small' }, { arbitrary: select, weight: 4 }, changed, union),
    table: fc.record({
      name: identifier,
      columns: fc.array(label, { maxLength: 2 }),
      query: part,
      span: fc.constant(span),
    }),
  };
}).query;

const emitted = {
  query,
  emit: fc.option(
    fc.oneof(
      interval.map((every) => ({ mode: 'every' as const, interval: every, idle: null, span })),
      fc
        .tuple(
          fc.constantFrom('on-window-close' as const, 'final' as const, 'on-watermark' as const, 'changes' as const),
          fc.option(interval),
        )
        .map(([mode, idle]) => ({ mode, interval: null, idle, span })),
    ),
  ),
  lateness: fc.option(interval.map((allowed) => ({ allowed, span }))),
  late: fc.option(identifier.map((sink) => ({ sink, span }))),
};

const optionValue = fc.oneof(
  anyText.map((value) => ({ kind: 'string' as const, value, span })),
  fc.constantFrom('1', '-2.5').map((text) => ({ kind: 'number' as const, text, span })),
  fc.boolean().map((value) => ({ kind: 'boolean' as const, value, span })),
  interval,
);

const optionKey = fc.oneof(
  fc.constantFrom('path', 'select', 'cache.ttl').map((name) => ({ name, quoted: false, span })),
  anyText.map((name) => ({ name, quoted: true, span })),
);

const options = fc.array(fc.record({ key: optionKey, value: optionValue, span: fc.constant(span) }), { maxLength: 3 });

const connector = fc.record({ name: fc.option(identifier), options, span: fc.constant(span) });

const named = { name: identifier, orReplace: fc.boolean(), ifNotExists: fc.boolean(), span: fc.constant(span) };

const column = fc.record({
  name: label,
  type,
  path: fc.option(anyText.map((value) => ({ kind: 'string' as const, value, span }))),
  notNull: fc.boolean(),
  span: fc.constant(span),
});

const primaryKey = fc.option(
  fc.record({ columns: fc.array(label, { minLength: 1, maxLength: 3 }), span: fc.constant(span) }),
);

const statement: fc.Arbitrary<Statement> = fc.oneof(
  fc.record({
    kind: fc.constant('create-lookup' as const),
    ...named,
    columns: fc.array(column, { minLength: 1, maxLength: 3 }),
    primaryKey,
    connector,
  }),
  fc.record({
    kind: fc.constant('create-source' as const),
    ...named,
    columns: fc.array(column, { maxLength: 3 }),
    watermark: fc.option(
      fc.record({ column: identifier, delay: fc.option(randomExpression), span: fc.constant(span) }),
    ),
    primaryKey,
    connector: fc.option(connector),
  }),
  fc.record({
    kind: fc.constant('create-stream' as const),
    flavour: fc.constantFrom('stream', 'view', 'materialized-view', 'continuous-query'),
    ...named,
    ...emitted,
  }),
  fc.record({
    kind: fc.constant('create-sink' as const),
    ...named,
    input: fc.option(
      fc.oneof(
        identifier.map((name) => ({ kind: 'stream' as const, name })),
        fc.record({ kind: fc.constant('query' as const), ...emitted }),
      ),
    ),
    connector,
  }),
  fc.record({
    kind: fc.constant('create-function' as const),
    ...named,
    parameters: fc.array(fc.record({ name: identifier, type, span: fc.constant(span) }), { maxLength: 2 }),
    result: type,
    language: identifier,
    body: fc.string({ unit: 'binary', maxLength: 6 }).map((source) => ({ source: source.replaceAll('$', ''), span })),
  }),
  fc.record({
    kind: fc.constant('insert-into' as const),
    sink: identifier,
    columns: fc.array(label, { maxLength: 2 }),
    ...emitted,
    span: fc.constant(span),
  }),
  fc.record({
    kind: fc.constant('drop' as const),
    what: fc.constantFrom('source', 'sink', 'lookup-table', 'stream', 'view', 'materialized-view', 'continuous-query'),
    name: identifier,
    ifExists: fc.boolean(),
    cascade: fc.boolean(),
    span: fc.constant(span),
  }),
  fc.record({ kind: fc.constant('select' as const), ...emitted, span: fc.constant(span) }),
  fc.record({ kind: fc.constant('set' as const), name: identifier, value: optionValue, span: fc.constant(span) }),
);

export const randomPipeline: fc.Arbitrary<Pipeline> = fc.record({
  statements: fc.array(statement, { minLength: 1, maxLength: 3 }),
});

/** The same tree with empty spans, to compare what differs in place alone. */
export function withoutSpans<T>(node: T): T {
  return JSON.parse(JSON.stringify(node, (key, value) => (key === 'span' ? span : value)));
}
