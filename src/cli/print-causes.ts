// One `laminar why`: a line for each sink of the pipelines asked for, under their names when there are several.
//
//   bars.lsql (4711), for 2 min 5 s
//     bars: no output for 12.0 s: window [12:00, 12:01) waits for the watermark of source quotes, at 11:58:40

import { formatMillis } from './quantities.ts';
import { choosePipelines } from './running-pipelines.ts';
import { printOut } from './standard-streams.ts';
import { renderCause } from './waiting.ts';

/** @param wanted process id or name; undefined: all that run. @throws LMN-7010 when there is none. */
export async function printCauses(wanted: string | undefined, json: boolean): Promise<void> {
  const running = await choosePipelines(wanted, json);
  for (const { status } of running) {
    const { pid, pipeline, causes, progress } = status;
    if (json) {
      printOut(JSON.stringify({ pid, pipeline, causes }));
      continue;
    }
    const indent = running.length > 1 ? '  ' : '';
    if (running.length > 1) printOut(`${pipeline} (${pid}), for ${formatMillis(progress.elapsedMillis)}`);
    for (const cause of causes) printOut(`${indent}${cause.sink}: ${renderCause(cause)}`);
  }
}
