// What a name in an expression can mean: the columns of a relation, and whatever a query adds to them.

import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import type { DataType } from '../../data/type.ts';
import type { Identifier, Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { BoundExpression } from '../expression.ts';
import type { ScalarFunction, ScalarOverload } from '../functions/function.ts';
import type { RelationColumn } from './logical.ts';

/** The registry of scalar functions, as the binder sees it. */
export interface FunctionCatalog {
  resolve(
    name: string,
    argumentTypes: DataType[],
    /** The first argument where it is a string as written: it may decide the overload. */
    first?: string,
  ): { overload: ScalarOverload } | { error: 'unknown' | 'arguments'; function?: ScalarFunction };
  names(): string[];
}

export interface Scope {
  readonly functions: FunctionCatalog;
  /** Where the expression stands, for messages: `WHERE`, `the select list`. */
  readonly place: string;
  /**
   * Has the first say about every node of an expression: group keys, aggregates, window functions, and the errors of
   * those that do not belong here. null: bind it as usual.
   */
  intercept(expression: Expression): BoundExpression | null;
  /** @throws LMN-2003 when there is no such column. */
  column(path: readonly Identifier[], span: Span): BoundExpression;
}

/** The relation a query reads, by the name it has there. */
export interface Relation {
  name: string;
  columns: readonly RelationColumn[];
  /** The name by which each column may be called besides, where that is not the relation's. */
  owners?: readonly string[];
  /** Its columns are called `table.column`, and its name is of several tables. */
  isJoin?: true;
}

/** Index of a column, −1 when there is none. A qualifier must be the relation's name. */
export function findColumn(relation: Relation, path: readonly Identifier[]): number {
  const name = (path.at(-1) as Identifier).name.toLowerCase();
  const qualifier = path.length === 2 ? (path[0] as Identifier).name.toLowerCase() : null;
  if (path.length > 2) return -1;
  return relation.columns.findIndex((column, index) => {
    const owner = relation.owners?.[index] ?? relation.name;
    return column.name.toLowerCase() === name && (qualifier === null || qualifier === owner.toLowerCase());
  });
}

/** A column of the relation as an expression. @throws LMN-2003. */
export function relationColumn(relation: Relation, path: readonly Identifier[], span: Span): BoundExpression {
  const index = findColumn(relation, path);
  if (index < 0) throw unknownColumn(relation, path, span);
  const { name, type, nullable } = relation.columns[index] as RelationColumn;
  return { kind: 'column', index, name, type, nullable, span };
}

/** The columns that belong to one of several names. */
function ownerNamed({ columns, owners }: Relation, { name }: Identifier): Relation | null {
  const own = columns.filter((_, index) => owners?.[index]?.toLowerCase() === name.toLowerCase());
  return own.length === 0 ? null : { name, columns: own };
}

function unknownColumn(relation: Relation, path: readonly Identifier[], span: Span): LaminarError {
  const owner = path.length > 1 ? ownerNamed(relation, path[0] as Identifier) : null;
  if (owner !== null) return unknownColumn(owner, path.slice(1), span);
  const names = relation.columns.map((column) => column.name);
  const written = path.map(({ name }) => name).join('.');
  if (path.length > 1 && (path[0] as Identifier).name.toLowerCase() !== relation.name.toLowerCase()) {
    const [first, second] = path as [Identifier, Identifier];
    const isNested = names.some((name) => name.toLowerCase() === first.name.toLowerCase());
    return new LaminarError('LMN-2003', `this query reads ${relation.name}, not ${first.name}`, {
      hint: isNested
        ? `to read inside of ${first.name}, declare a column with a path: ${second.name} … FROM '$.${written}'`
        : `write ${relation.name}.${second.name}`,
      at: { span: first.span },
    });
  }
  const isJoin = relation.isJoin === true;
  const known = isJoin ? names.map((name) => name.slice(name.indexOf('.') + 1)) : names;
  const nearest = nearestName((path.at(-1) as Identifier).name, known);
  const listed = names.slice(0, 12).join(', ') + (names.length > 12 ? ', …' : '');
  const what = isJoin ? `no table of this query has a column ${written}` : `${relation.name} has no column ${written}`;
  return new LaminarError('LMN-2003', what, {
    hint: nearest === undefined ? `${isJoin ? 'there are' : 'it has'} ${listed}` : `did you mean ${nearest}?`,
    at: { span },
  });
}
