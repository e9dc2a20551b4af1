// What a plan asks of time: which expressions and nodes need the running watermark, the clock, or sources in step.

import { LaminarError } from '../../base/errors.ts';
import type { PlanNode } from '../../plan/physical-plan.ts';
import { inputsOf, type LogicalNode, type ProjectNode, type SourceDefinition } from '../bind/logical.ts';
import type { BoundExpression } from '../expression.ts';
import { rewriteExpression } from '../optimize/rewrite.ts';

/** A call of the function (its overload's id) in a projection, null without one. */
export function callIn(node: LogicalNode, id: string): BoundExpression | null {
  if (node.kind !== 'project') return null;
  for (const expression of node.filter === null ? node.outputs : [node.filter, ...node.outputs]) {
    const found = callOf(expression, id);
    if (found !== null) return found;
  }
  return null;
}

function callOf(expression: BoundExpression, id: string): BoundExpression | null {
  let found: BoundExpression | null = null;
  rewriteExpression(expression, (e) => {
    if (e.kind === 'call' && e.function === id) found = e;
    return e;
  });
  return found;
}

/** The value depends on what came before or on the clock, not on the row alone. */
export function asksProgress(expression: BoundExpression): boolean {
  return callOf(expression, 'watermark()') !== null || callOf(expression, 'proctime()') !== null;
}

/** Compiled code reads the clock. Windows over it do too, as their time is computed by a projection. */
export function asksClock(node: LogicalNode): boolean {
  return callIn(node, 'proctime()') !== null;
}

/** @throws LMN-2017 for watermark() over rows that have none. */
export function checkWatermarkCall(node: ProjectNode): void {
  const call = callIn(node, 'watermark()');
  if (call === null || canCarry(node.input)) return;
  throw new LaminarError('LMN-2017', 'watermark() is known for rows of a source with a watermark, before GROUP BY', {
    hint: "declare one in the source, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND, and ask in a query that reads it",
    at: { span: call.span },
  });
}

/** Nodes whose rows can have the watermark that those they read have. */
const PASSES: ReadonlySet<LogicalNode['kind']> = new Set([
  'project',
  'unnest',
  'limit',
  'union',
  'changes',
  'table',
  'lookup',
] as const);

/** Whether a node has the watermark of its source for each row, or can be given it. */
export function canCarry(node: LogicalNode): boolean {
  if (node.kind === 'scan') return node.source.watermark !== null;
  return PASSES.has(node.kind) && inputsOf(node).some(canCarry);
}

/** Its splits are to go on together whether or not an operator waits for the watermark. */
export function needsProgress({ splits, alignment }: SourceDefinition): boolean {
  return splits === 'merged' || alignment !== null;
}

/** A group of one source aligns nothing. */
export function alignmentNotices(nodes: readonly PlanNode[]): string[] {
  const members = new Map<string, string[]>();
  for (const node of nodes) {
    if (node.kind !== 'source' || node.alignment === null) continue;
    const { group } = node.alignment;
    members.set(group, [...(members.get(group) ?? []), node.name]);
  }
  return [...members]
    .filter(([, names]) => names.length === 1)
    .map(([group, [name]]) => `source ${name} is alone in alignment group ${group}: there is nothing to align it with`);
}
