// `laminar state ls`: what every operator keeps, as of a checkpoint.

import type { LoggedSpan } from '../state/input-log.ts';
import { lastOf, operatorTable, reading } from './checkpoints.ts';
import { formatCount } from './quantities.ts';
import { printOut } from './standard-streams.ts';
import { renderTable } from './table.ts';

/** @param from a savepoint or checkpoint; null: the last, if there is one or a log. @throws LMN-4003, LMN-4008 */
export async function listState(directory: string, from: string | null, json: boolean): Promise<void> {
  const { InputLog } = await import('../state/input-log.ts');
  const spans = InputLog.spans(directory);
  const manifest = await reading(directory, (opened) => {
    if (from !== null) return opened.find(from);
    return spans.size > 0 ? opened.newest : lastOf(opened);
  });
  if (!json) {
    const table = manifest === null ? '' : operatorTable(manifest);
    printOut(table === '' ? 'no operator keeps anything' : table);
    if (spans.size > 0) printOut(`\n${logTable(spans)}`);
    return;
  }
  for (const [source, { begin, end }] of spans) printOut(JSON.stringify({ source, logBegin: begin, logEnd: end }));
  for (const { id, core, cores, keys, openStart, blocks } of manifest?.operators ?? []) {
    const bytes = blocks.reduce((sum, block) => sum + block.bytes, 0);
    const oldestWindow = openStart === null ? null : new Date(openStart / 1000).toISOString();
    printOut(JSON.stringify({ operator: id, core, cores, bytes, keys, blocks: blocks.length, oldestWindow }));
  }
}

/** Of inputs that cannot be read a second time: what the next run reads first, and the byte that it wants next. */
function logTable(spans: ReadonlyMap<string, LoggedSpan>): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const rows = [...spans].map(([source, { begin, end }]) => [source, formatCount(begin), formatCount(end)]);
  return renderTable([{ title: 'source' }, right('log from byte'), right('goes on at byte')], rows);
}
