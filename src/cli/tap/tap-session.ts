// One `laminar tap` from what is asked for to the end: which run has the stream, then its rows on stdout as they pass.

import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import { quitAtOnce } from '../../platform/quit.ts';
import { ExitCode } from '../exit-codes.ts';
import { withPipeline } from '../failure.ts';
import { printNotice } from '../notice.ts';
import { formatCount, formatRows } from '../quantities.ts';
import { choosePipelines, type RunningPipeline } from '../running-pipelines.ts';
import { printError, printOut } from '../standard-streams.ts';
import { renderTable } from '../table.ts';
import { UsageError } from '../usage-error.ts';
import { readTap } from './read-tap.ts';
import { RowTable } from './row-table.ts';
import { RowWriter } from './row-writer.ts';
import type { TapHead } from './serve-tap.ts';

export interface TapSession {
  /** Process id or name of the run; undefined: whichever has the stream. */
  pipeline: string | undefined;
  where: string | null;
  rowsMax: number | null;
  format: 'json' | 'csv' | 'table';
  quiet: boolean;
}

/** @throws LMN-7010 when nothing runs. */
export async function listViews(wanted: string | undefined): Promise<void> {
  const running = await choosePipelines(wanted);
  const rows = running.flatMap(({ status: { pipeline, pid, views } }) =>
    views.map(({ name, kind }) => [name, kind, pipeline, String(pid)]),
  );
  const columns = [
    { title: 'NAME' },
    { title: 'KIND' },
    { title: 'PIPELINE' },
    { title: 'PID', align: 'right' as const },
  ];
  printOut(renderTable(columns, rows));
}

/** Prints rows until the limit, the end of the stream, or Ctrl-C. @throws LaminarError, PipelineFailure, UsageError */
export async function tapSession(view: string, session: TapSession): Promise<void> {
  const { where, rowsMax, quiet } = session;
  const { status, socket } = runWith(view, await choosePipelines(session.pipeline));
  const format = session.format === 'csv' ? ('csv' as const) : ('json' as const);
  const query = { view, where, rowsMax, format };
  const { head, frames } = await withPipeline({ fileName: '--where', text: where ?? '' }, () => readTap(socket, query));
  if (!quiet && head.leftOut.length > 0) {
    printNotice(`not computed by ${status.pipeline}, which reads no such columns: ${head.leftOut.join(', ')}`, false);
  }
  const writer = new RowWriter();
  const counts = { rows: 0, missed: 0 };
  const leave = (): never => {
    if (!quiet) printError(`\n${summaryOf(head.view, counts, 'Ctrl-C')}`);
    // A write that nobody reads would keep the process.
    if (writer.isWriting) quitAtOnce(ExitCode.done);
    process.exit(ExitCode.done);
  };
  process.once('SIGINT', leave).once('SIGTERM', leave);
  const render = rendererOf(session.format, head);
  let ending = 'the pipeline is gone';
  if (session.format !== 'json') await writer.write(render(Buffer.alloc(0)));
  for await (const { frame, rows } of frames) {
    if ('error' in frame) throw new LaminarError(frame.error.code ?? 'LMN-7017', frame.error.message, frame.error);
    counts.missed = frame.missed;
    if ('ending' in frame) ending = frame.ending;
    else if (frame.rows > 0) {
      await writer.write(render(rows));
      counts.rows += frame.rows;
    }
  }
  process.off('SIGINT', leave).off('SIGTERM', leave);
  if (!quiet) printError(summaryOf(head.view, counts, ending));
}

/** The run that has a stream of that name. @throws LMN-7014, UsageError when several have. */
function runWith(view: string, running: readonly RunningPipeline[]): RunningPipeline {
  const isIt = ({ name }: { name: string }): boolean => name.toLowerCase() === view.toLowerCase();
  const found = running.filter(({ status }) => status.views.some(isIt));
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) {
    const list = found.map(({ status }) => `${status.pipeline} (${status.pid})`).join(', ');
    const hint = `say which by --pipeline ${only.status.pid}`;
    throw new UsageError(`${found.length} pipelines have ${view}: ${list}`, hint);
  }
  const names = [...new Set(running.flatMap(({ status }) => status.views.map(({ name }) => name)))];
  const nearest = nearestName(view, names);
  const [first] = running;
  const what = running.length === 1 ? `${first?.status.pipeline} has no` : 'no running pipeline has a';
  const hint = nearest === undefined ? `there are: ${names.join(', ')}` : `did you mean ${nearest}?`;
  throw new LaminarError('LMN-7014', `${what} stream ${view}`, { hint });
}

/** How rows as they come become what is printed; of no rows, what stands before the first. */
function rendererOf(format: TapSession['format'], head: TapHead): (rows: Buffer) => Buffer {
  if (format === 'json') return (rows) => rows;
  if (format === 'csv') {
    let header = `${head.columns.map(csvField).join(',')}\n`;
    return (rows) => {
      const text = Buffer.concat([Buffer.from(header), rows]);
      header = '';
      return text;
    };
  }
  const table = new RowTable(head.columns);
  return (rows) => {
    const lines = rows.toString().split('\n').slice(0, -1);
    return lines.length === 0 ? rows : Buffer.from(table.render(lines));
  };
}

function csvField(name: string): string {
  return /[",\r\n]/.test(name) || name === '' ? `"${name.replaceAll('"', '""')}"` : name;
}

function summaryOf(view: string, { rows, missed }: { rows: number; missed: number }, ending: string): string {
  const by = missed === 0 ? '' : `; ${formatCount(missed)} went by unread`;
  return `${view}: ${formatRows(rows)}${by} (${ending})`;
}
