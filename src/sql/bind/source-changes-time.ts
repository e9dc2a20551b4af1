// The event time of sources whose records are changes.
//
//   envelopes              the time of the row after, of a deletion that of the row before
//   upserts with a field   the time of the row; a deletion may have none
//   all others             the time of the record
//
// Each row of an envelope has its own time, and carries the watermark that the records before it have made. A record
// without a time moves no watermark. Rows that come need theirs: the operator that reads the changes looks at it.

import { LaminarError } from '../../base/errors.ts';
import { BOOLEAN } from '../../data/type.ts';
import type { CreateSource } from '../ast.ts';
import type { BoundExpression } from '../expression.ts';
import { rewriteExpression } from '../optimize/rewrite.ts';
import { searchedCase } from './conditions.ts';
import type { LogicalWatermark } from './logical.ts';
import { ENVELOPE_AFTER, firstColumn, type RecordForm } from './source-changes.ts';
import { bindSourceTime, type SourceColumn, type SourceContext, type SourceTime } from './source-time.ts';

interface RecordParts {
  declared: readonly SourceColumn[];
  /** What is decoded of each record. */
  columns: readonly SourceColumn[];
  form: RecordForm | null;
}

/** As `bindSourceTime`, over the columns that are decoded. @throws LMN-2022 for envelopes with a watermark by key. */
export function bindRecordTime(statement: CreateSource, parts: RecordParts, context: SourceContext): SourceTime {
  const { declared, columns, form } = parts;
  if (form?.form === 'envelope') {
    const time = bindSourceTime(statement, declared, context);
    return time.watermark === null ? time : { ...time, watermark: ofEnvelopes(time.watermark, parts, context) };
  }
  const time = bindSourceTime(statement, columns, context);
  const { watermark } = time;
  if (watermark === null || watermark.mark !== null || !mayLackTime(form, watermark)) return time;
  return { ...time, watermark: { ...watermark, mark: recordColumn(columns, watermark.column) } };
}

/** Whether records may come without an event time: deletions of a row by its key. */
export function mayLackTime(form: RecordForm | null, watermark: LogicalWatermark | null): boolean {
  if (form === null || watermark === null || watermark.perKey !== null) return false;
  return form.form === 'envelope' || (form.form === 'upsert' && form.op !== null);
}

function ofEnvelopes(
  { column, mark, perKey, ...rest }: LogicalWatermark,
  { declared, columns, form }: RecordParts,
  { endpoint }: SourceContext,
): LogicalWatermark {
  if (perKey !== null) {
    throw new LaminarError('LMN-2022', 'envelopes have no watermark by key: the rows before and after may have two', {
      hint: "leave out watermark = 'per_key'",
      at: { span: endpoint.options.spanOf('watermark') ?? endpoint.span },
    });
  }
  const first = firstColumn(form);
  const image = (index: number): BoundExpression => {
    const after = recordColumn(columns, first + index);
    const { span } = after;
    const present = recordColumn(columns, ENVELOPE_AFTER);
    const isGone: BoundExpression = {
      ...{ kind: 'is-null', operand: present, negated: false, type: BOOLEAN, nullable: false, span },
    };
    return searchedCase([isGone], [recordColumn(columns, first + declared.length + index), after], span);
  };
  const given =
    mark === null ? image(column) : rewriteExpression(mark, (e) => (e.kind === 'column' ? image(e.index) : e));
  return { ...rest, column: first + column, mark: given, perKey };
}

function recordColumn(columns: readonly SourceColumn[], index: number): BoundExpression {
  const { name, type, nullable, span } = columns[index] as SourceColumn;
  return { kind: 'column', index, name, type, nullable, span };
}
