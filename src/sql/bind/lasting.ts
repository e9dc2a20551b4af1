// Changes as rows that stay, for what takes only those.

import type { LogicalNode, TimedColumn } from './logical.ts';
import { isChanging } from './recall.ts';

/**
 * The rows that are left of changes when the watermark passes their time; `time` null: at the end. Rows that stay are as
 * they were.
 */
export function lastingRows(input: LogicalNode, time: TimedColumn | null, id: string): LogicalNode {
  if (!isChanging(input)) return input;
  const columns = input.columns.map((column, index) => {
    return { ...column, time: index === time?.column ? { perRow: false } : null };
  });
  return { kind: 'lasting', id, input, time, columns };
}
