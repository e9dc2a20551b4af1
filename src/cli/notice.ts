// Lines the user should read before a run: a window without a watermark, a result that comes at the end.

import { printError } from './standard-streams.ts';

/** On stderr: `notice: …`, or a JSON line. */
export function printNotice(notice: string, json: boolean): void {
  printError(json ? JSON.stringify({ event: 'notice', message: notice }) : `notice: ${notice}`);
}
