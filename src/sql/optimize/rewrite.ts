// Walking and rebuilding plans and expressions.
//
// A plan is a graph: a node read by several is one object. Rewriting visits every node once, inputs first, and gives
// all its readers the same new node.

import { inputsOf, type LogicalNode, type LogicalPipeline, withInputs } from '../bind/logical.ts';
import type { BoundExpression } from '../expression.ts';

/** Rebuilds every node, inputs first. `change` gets a node whose input is already new. */
export function rewriteNodes(pipeline: LogicalPipeline, change: (node: LogicalNode) => LogicalNode): LogicalPipeline {
  const done = new Map<LogicalNode, LogicalNode>();
  const visit = (node: LogicalNode): LogicalNode => {
    const known = done.get(node);
    if (known !== undefined) return known;
    const rebuilt = change(withInputs(node, inputsOf(node).map(visit)));
    done.set(node, rebuilt);
    return rebuilt;
  };
  return { ...pipeline, sinks: pipeline.sinks.map((sink) => ({ ...sink, inputs: sink.inputs.map(visit) })) };
}

/** Every node once, inputs before their readers. */
export function nodesOf({ sinks }: LogicalPipeline): LogicalNode[] {
  return nodesBelow(sinks.flatMap(({ inputs }) => inputs));
}

/** These nodes and all that they are made of, each once, inputs before their readers. */
export function nodesBelow(roots: readonly LogicalNode[]): LogicalNode[] {
  const found = new Set<LogicalNode>();
  const visit = (node: LogicalNode): void => {
    if (found.has(node)) return;
    inputsOf(node).forEach(visit);
    found.add(node);
  };
  roots.forEach(visit);
  return [...found];
}

/** Readers of each node, by id: rewriting makes new objects and keeps ids. */
export function countReaders(pipeline: LogicalPipeline): Map<string, number> {
  const counts = new Map<string, number>();
  const read = (node: LogicalNode) => counts.set(node.id, (counts.get(node.id) ?? 0) + 1);
  for (const node of nodesOf(pipeline)) inputsOf(node).forEach(read);
  for (const sink of pipeline.sinks) sink.inputs.forEach(read);
  return counts;
}

/** Rebuilds an expression, operands first. */
export function rewriteExpression(
  expression: BoundExpression,
  change: (expression: BoundExpression) => BoundExpression,
): BoundExpression {
  const visit = (e: BoundExpression): BoundExpression => rewriteExpression(e, change);
  switch (expression.kind) {
    case 'literal':
    case 'column':
      return change(expression);
    case 'call':
      return change({ ...expression, arguments: expression.arguments.map(visit) });
    case 'cast':
    case 'not':
    case 'is-null':
      return change({ ...expression, operand: visit(expression.operand) });
    case 'and':
    case 'or':
    case 'coalesce':
      return change({ ...expression, operands: expression.operands.map(visit) });
    case 'compare':
    case 'is-distinct':
      return change({ ...expression, left: visit(expression.left), right: visit(expression.right) });
    case 'in':
      return change({ ...expression, operand: visit(expression.operand), list: expression.list.map(visit) });
    case 'case': {
      const branches = expression.branches.map(({ when, then }) => ({ when: visit(when), then: visit(then) }));
      return change({ ...expression, branches, otherwise: visit(expression.otherwise) });
    }
  }
}

/** Counts the uses of each input column. */
export function countColumns(expressions: readonly BoundExpression[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const expression of expressions) {
    rewriteExpression(expression, (e) => {
      if (e.kind === 'column') counts.set(e.index, (counts.get(e.index) ?? 0) + 1);
      return e;
    });
  }
  return counts;
}
