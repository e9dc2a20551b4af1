// `laminar checkpoint`: reads a state directory while a run may be writing to it, and changes it when none is, or asks
// the run to.

import path from 'node:path';
import { formatBytes } from '../base/bytes.ts';
import { LaminarError } from '../base/errors.ts';
import type { Manifest } from '../state/manifest.ts';
import type { StateDirectory as Directory, SavedCheckpoint } from '../state/state-directory.ts';
import { printNotice } from './notice.ts';
import { formatCount, formatInstant, formatMicros } from './quantities.ts';
import { askForCheckpoint, findPipelines } from './running-pipelines.ts';
import { printOut } from './standard-streams.ts';
import { renderTable } from './table.ts';
import { UsageError } from './usage-error.ts';

const right = (title: string) => ({ title, align: 'right' as const });

/** @throws UsageError when nobody names one. */
export function namedDirectory(given: string | undefined): string {
  const directory = given ?? process.env['LAMINAR_STATE_DIR'];
  if (directory) return directory;
  throw new UsageError('which state directory?', 'name it with --state-dir DIR, or in LAMINAR_STATE_DIR');
}

/** Opens it to be read, and closes it. @throws LMN-4003, LMN-4008 */
export async function reading<T>(directory: string, work: (opened: Directory) => T): Promise<T> {
  const { StateDirectory } = await import('../state/state-directory.ts');
  const opened = await StateDirectory.read(directory);
  try {
    return work(opened);
  } finally {
    await opened.close();
  }
}

export async function listCheckpoints(directory: string, json: boolean): Promise<void> {
  const checkpoints = await reading(directory, (opened) => opened.checkpoints);
  if (json) {
    for (const { manifest, names } of checkpoints) {
      const { operators: _, sources: __, sinks: ___, nodes: ____, ...facts } = manifest;
      printOut(JSON.stringify({ ...facts, names }));
    }
    return;
  }
  const titles = ['state', 'written', 'pause'].map(right);
  printOut(
    renderTable(
      [right('checkpoint'), { title: 'taken' }, ...titles, { title: 'pipeline' }, { title: 'savepoint' }],
      checkpoints.map(rowOf),
    ),
  );
}

function rowOf({ manifest, names }: SavedCheckpoint): string[] {
  const { epoch, time, bytes, bytesWritten, pauseMillis, pipeline, isFinished } = manifest;
  const sizes = [formatBytes(bytes), formatBytes(bytesWritten), formatMicros(pauseMillis * 1000)];
  return [String(epoch), `${time}${isFinished ? ' (end)' : ''}`, ...sizes, pipeline, names.join(', ')];
}

/** @param name null: the last. @throws LMN-4008 */
export async function showCheckpoint(directory: string, name: string | null, json: boolean): Promise<void> {
  const manifest = await reading(directory, (opened) => (name === null ? lastOf(opened) : opened.find(name)));
  if (json) {
    printOut(JSON.stringify(manifest));
    return;
  }
  const { epoch, time, pipeline, isFinished } = manifest;
  printOut(`checkpoint ${epoch} of ${pipeline}, ${time}${isFinished ? ': the pipeline has come to its end' : ''}`);
  const tables = [sourceTable(manifest), operatorTable(manifest), sinkTable(manifest)].filter((table) => table !== '');
  for (const table of tables) printOut(`\n${table}`);
}

/** @throws LMN-4008 */
export function lastOf(opened: Directory): Manifest {
  if (opened.newest !== null) return opened.newest;
  throw new LaminarError('LMN-4008', `there is no checkpoint in ${opened.directory} yet`);
}

function sourceTable({ sources }: Manifest): string {
  const rows = sources.flatMap(({ id, isEnded, positions }) =>
    isEnded
      ? [[id, 'read to the end', '', '']]
      : positions.map(({ name, offset, lineCount }) => [id, name, formatCount(offset), formatCount(lineCount)]),
  );
  const titles = [{ title: 'source' }, { title: 'at' }, right('byte'), right('lines')];
  return rows.length === 0 ? '' : renderTable(titles, rows);
}

/** What operators keep. */
export function operatorTable({ operators }: Manifest): string {
  const rows = operators.map(({ id, core, cores, keys, openStart, blocks }) => [
    cores === 1 ? id : `${id} (core ${core} of ${cores})`,
    formatBytes(blocks.reduce((sum, { bytes }) => sum + bytes, 0)),
    keys === null ? '-' : formatCount(keys),
    formatCount(blocks.length),
    openStart === null ? '-' : formatInstant(openStart),
  ]);
  const titles = [{ title: 'operator' }, right('state'), right('keys'), right('blocks'), { title: 'oldest window' }];
  return rows.length === 0 ? '' : renderTable(titles, rows);
}

function sinkTable({ sinks }: Manifest): string {
  const rows = sinks.map(({ id, bytes, isFinished }) => [
    id.trim(),
    formatCount(bytes),
    isFinished ? 'finished' : 'goes on',
  ]);
  return rows.length === 0 ? '' : renderTable([{ title: 'output' }, right('bytes that count'), { title: '' }], rows);
}

/** @throws LMN-4008 when there is no checkpoint to give the name to. */
export async function createSavepoint(directory: string, name: string): Promise<void> {
  if (/^\d+$|[/\s]/.test(name)) {
    throw new UsageError(
      `a savepoint cannot be called '${name}'`,
      'its name is not a number, and has no space or slash',
    );
  }
  const where = path.resolve(directory);
  const running = (await findPipelines()).find(({ status }) => status.stateDirectory === where);
  const epoch =
    running === undefined
      ? await writing(directory, async (opened) => {
          const { epoch } = lastOf(opened);
          await opened.name(epoch, name);
          return epoch;
        })
      : await askForCheckpoint(running.socket, `/checkpoint?name=${encodeURIComponent(name)}`);
  printNotice(`savepoint ${name} is checkpoint ${epoch}`, false);
}

/** @throws LMN-4001 while a run is using the directory, LMN-4008 */
export async function removeCheckpoint(directory: string, name: string): Promise<void> {
  await writing(directory, (opened) => opened.removeCheckpoint(name));
}

async function writing<T>(directory: string, work: (opened: Directory) => Promise<T>): Promise<T> {
  const { StateDirectory } = await import('../state/state-directory.ts');
  await reading(directory, () => {});
  const opened = await StateDirectory.open(directory);
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}
