// The chain of a source: the steps behind it that need nothing but a row, run where the row was decoded.
//
//   source ─► changes ─► map ─► lookup ─► end     one reader each; every core that decodes chunks runs the whole chain
//
// Of a lookup table that is read whole every core has the rows (src/runtime/lookups/given-tables.ts). What crosses to the
// core that goes on is the output of the last step: fewer rows, fewer columns. When all that follows is a sink that writes
// rows as text, that is done on the chain's core too, and bytes cross.
//
// The running watermark is a maximum over the rows before, so a chunk's own maximum is computed where it is decoded and
// combined with that of the chunks before. A watermark by key, or one that an expression computes, cannot be combined
// so; a source that keeps near to others is looked at before its maps, and so is one with records that are only marks.

import { changelogOf, keyColumnsOf } from '../data/changelog.ts';
import { type Schema, WATERMARK_COLUMN } from '../data/schema.ts';
import type { ChangesNode } from './changes-nodes.ts';
import type { LookupNode } from './lookup-node.ts';
import type { MapNode, PhysicalPlan, PlanNode, SinkNode } from './physical-plan.ts';
import { isCuttable, type SourceNode } from './source-node.ts';

export interface Chain {
  steps: (MapNode | LookupNode | ChangesNode)[];
  /** The lookup tables that its lookups look into. */
  tables: SourceNode[];
  /** What the last step gives, or the source without any. */
  id: string;
  schema: Schema;
  /** Column of `schema` with the running watermark, null without. */
  watermarkColumn: number | null;
  /** Reads the chain and nothing else, and can be given encoded rows; null otherwise. */
  sink: SinkNode | null;
}

/** The chain of a source; without steps it is empty, and rows cross as they were decoded. */
export function chainOf(plan: PhysicalPlan, source: SourceNode): Chain {
  const steps: Chain['steps'] = [];
  const tables: SourceNode[] = [];
  let end: PlanNode = source;
  if (source.lookup === undefined && canCombine(source)) {
    for (let next = onlyReader(plan, end.id); next !== null; next = onlyReader(plan, end.id)) {
      const table = tableOf(plan, next, end.id);
      if (table === null && !isFree(next)) break;
      if (table !== null) tables.push(table);
      steps.push(next as Chain['steps'][number]);
      end = next;
    }
  }
  const { id, schema } = end;
  const column = schema.findIndex(({ name, hidden }) => hidden === true && name === WATERMARK_COLUMN);
  const reader = steps.length === 0 ? null : onlyReader(plan, id);
  return {
    steps,
    tables: [...new Set(tables)],
    id,
    schema,
    watermarkColumn: column < 0 ? null : column,
    sink: takesText(reader) ? reader : null,
  };
}

/** The lookup tables whose rows every core has, for its chains look into them. */
export function givenTablesOf(plan: PhysicalPlan): SourceNode[] {
  const sources = plan.nodes.filter((node) => node.kind === 'source').filter(isCuttable);
  return [...new Set(sources.flatMap((source) => chainOf(plan, source).tables))];
}

/** No chain: rows of splits that are merged cross as they were decoded. */
export function bareChain({ id, schema, watermark }: SourceNode): Chain {
  return { steps: [], tables: [], id, schema, watermarkColumn: watermark?.output ?? null, sink: null };
}

/** Its chunks' watermarks can be put together, and its rows need no look before its maps. */
export function canCombine({ alignment, watermark }: SourceNode): boolean {
  if (alignment !== null) return false;
  if (watermark === null) return true;
  return watermark.perKey === null && watermark.mark?.kind !== 'computed' && !watermark.hasMarkRecords;
}

/** The only node that reads another, null when there are several. */
function onlyReader(plan: PhysicalPlan, id: string): PlanNode | null {
  const readers = plan.nodes.filter(({ inputs }) => inputs.includes(id));
  return readers.length === 1 ? (readers[0] as PlanNode) : null;
}

/** The table that a lookup looks into for rows of `input`, if it is read whole; null for any other node. */
function tableOf(plan: PhysicalPlan, node: PlanNode, input: string): SourceNode | null {
  if (node.kind !== 'lookup' || node.live !== null || node.inputs[0] !== input) return null;
  const table = plan.nodes.find(({ id }) => id === node.inputs[1]);
  return table?.kind === 'source' && table.lookup !== undefined && table.cache === undefined ? table : null;
}

/** Of records of changes only those with a key: each is one row, where others may be half of an update. */
function isFree(node: PlanNode): boolean {
  if (node.kind === 'changes') return keyColumnsOf(node.schema).length > 0;
  return node.kind === 'map' && node.anywhere && !node.settles;
}

/** Rows as text do not depend on the rows before. */
function takesText(node: PlanNode | null): node is SinkNode {
  if (node?.kind !== 'sink' || node.inputs.length !== 1) return false;
  return (node.format.kind === 'json' || node.format.kind === 'csv') && changelogOf(node.schema) === 'append';
}
