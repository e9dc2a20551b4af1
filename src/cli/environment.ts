// Prepares the process for the libraries of the command line. Must be the first import of the entry.
//
// 1. oclif asks for the user's shell and home while its modules load; for a user id without a passwd entry (usual in
//    containers) both questions throw.
// 2. Merely touching `process.stdout` or `process.stderr` makes Node switch a pipe to non-blocking mode. That mode
//    belongs to the pipe's open file, not to us: the core's own writes and every other program holding it would see
//    EAGAIN. Where one of the two is no terminal, a stream takes its place that writes by descriptor.

import os from 'node:os';
import { Writable } from 'node:stream';
import { isTerminal, writeFully } from './standard-streams.ts';

process.env['SHELL'] ||= '/bin/sh';
if (!process.env['HOME']) {
  try {
    os.homedir();
  } catch {
    process.env['HOME'] = os.tmpdir();
  }
}

replaceStream('stdout', 1);
replaceStream('stderr', 2);

function replaceStream(name: 'stdout' | 'stderr', descriptor: 1 | 2): void {
  if (isTerminal(descriptor)) return;
  const stream = new Writable({
    decodeStrings: true,
    write(bytes: Buffer, _encoding, done) {
      writeFully(descriptor, bytes);
      done();
    },
  });
  const facts = { fd: descriptor, isTTY: false };
  Object.defineProperty(process, name, { configurable: true, value: Object.assign(stream, facts) });
}
