// `laminar state ls`: what every operator keeps, as of a checkpoint.

import { lastOf, operatorTable, reading } from './checkpoints.ts';
import { printOut } from './standard-streams.ts';

/** @param from a savepoint or checkpoint; null: the last. @throws LMN-4003, LMN-4008 */
export async function listState(directory: string, from: string | null, json: boolean): Promise<void> {
  const manifest = await reading(directory, (opened) => (from === null ? lastOf(opened) : opened.find(from)));
  if (!json) {
    const table = operatorTable(manifest);
    printOut(table === '' ? 'no operator keeps anything' : table);
    return;
  }
  for (const { id, keys, openStart, blocks } of manifest.operators) {
    const bytes = blocks.reduce((sum, block) => sum + block.bytes, 0);
    const oldestWindow = openStart === null ? null : new Date(openStart / 1000).toISOString();
    printOut(JSON.stringify({ operator: id, bytes, keys, blocks: blocks.length, oldestWindow }));
  }
}
