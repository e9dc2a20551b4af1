// Two projections in a row become one: the outer one's columns are replaced by what the inner one computes, and the
// filters are joined. So a filter on a stream moves below the stream's own projection, and rows it drops cost nothing.
//
//   π outer, σ outer (π inner, σ inner (x))  ⇒  π outer[inner], σ inner ∧ outer[inner] (x)
//
// Only where nobody else reads the inner one, and nothing it computes would be computed twice.

import type { LogicalPipeline, ProjectNode } from '../bind/logical.ts';
import type { BoundExpression } from '../expression.ts';
import { countColumns, countReaders, rewriteExpression, rewriteNodes } from './rewrite.ts';

export function mergeProjects(pipeline: LogicalPipeline): LogicalPipeline {
  const readers = countReaders(pipeline);
  return rewriteNodes(pipeline, (node) => {
    if (node.kind !== 'project' || node.input.kind !== 'project') return node;
    const isShared = (readers.get(node.input.id) ?? 0) > 1;
    return isShared || !mayMerge(node, node.input) ? node : merge(node, node.input);
  });
}

function mayMerge(outer: ProjectNode, inner: ProjectNode): boolean {
  if (outer.insertions === true || inner.insertions === true) return false;
  const uses = countColumns(outer.filter === null ? outer.outputs : [outer.filter, ...outer.outputs]);
  return inner.outputs.every((output, index) => isCheap(output) || (uses.get(index) ?? 0) <= 1);
}

function isCheap(expression: BoundExpression): boolean {
  return expression.kind === 'column' || expression.kind === 'literal';
}

/** One projection that does what the two do. */
export function merge(outer: ProjectNode, inner: ProjectNode): ProjectNode {
  const substitute = (expression: BoundExpression): BoundExpression =>
    rewriteExpression(expression, (e) => {
      if (e.kind !== 'column') return e;
      return { ...(inner.outputs[e.index] as BoundExpression), span: e.span };
    });
  const outputs = outer.outputs.map(substitute);
  const filter = conjunction(inner.filter, outer.filter === null ? null : substitute(outer.filter));
  return { ...outer, input: inner.input, filter, outputs };
}

function conjunction(first: BoundExpression | null, second: BoundExpression | null): BoundExpression | null {
  if (first === null || second === null) return first ?? second;
  const parts = [first, second].flatMap((e) => (e.kind === 'and' ? e.operands : [e]));
  return {
    kind: 'and',
    operands: parts,
    type: first.type,
    nullable: parts.some((e) => e.nullable),
    span: second.span,
  };
}
