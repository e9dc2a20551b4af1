// Where running pipelines leave their sockets: a folder that only this user can enter.
//
//   $XDG_RUNTIME_DIR/laminar, else $TMPDIR/laminar-<uid>/run
//
// Whoever opens a socket takes the first that works; whoever looks for sockets looks in all, as the run may have been
// started with another environment.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The folders in question, best first; none needs to exist. */
export function runtimeDirectories(): string[] {
  return candidates().map((folders) => folders.at(-1) as string);
}

/** Makes the first folder that can be made. @throws Error when none can. */
export function makeRuntimeDirectory(): string {
  const problems: string[] = [];
  for (const folders of candidates()) {
    try {
      for (const folder of folders) makePrivate(folder);
      return folders.at(-1) as string;
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  throw new Error(problems.join('; '));
}

/** The folders, each after those above it that are ours: in the temporary directory a stranger may have made them. */
function candidates(): string[][] {
  const { XDG_RUNTIME_DIR: runtime } = process.env;
  const temporary = path.join(os.tmpdir(), `laminar-${process.getuid?.() ?? 'user'}`);
  return [...(runtime ? [[path.join(runtime, 'laminar')]] : []), [temporary, path.join(temporary, 'run')]];
}

function makePrivate(folder: string): void {
  try {
    fs.mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const status = fs.lstatSync(folder);
  const isOurs = status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o022) === 0;
  if (!isOurs) throw new Error(`${folder} is not private to this user`);
}
