// Error codes 7000 to 7999: the machine, the command line and running pipelines.

import type { CodeEntry } from './entry.ts';

export const PLATFORM_CODES = {
  'LMN-7001': {
    title: 'A native module cannot be unpacked',
    text: 'The executable unpacks its native modules into a private cache directory and found none it may use: not writable, writable by others, or mounted noexec. Set LAMINAR_NATIVE_CACHE to a directory that only you can write to.',
  },
  'LMN-7002': {
    title: 'The kernels have not been built',
    text: 'Laminar runs from its source tree, where build/generated/kernels.wasm is missing. Run: npm run kernels',
  },
  'LMN-7003': {
    title: 'The pipeline file cannot be read',
    text: 'The file named on the command line does not exist, is a directory, or may not be read. Paths are relative to the working directory. To run a query without a file: laminar run -e "SELECT …".',
  },
  'LMN-7010': {
    title: 'No such pipeline is running',
    text: 'laminar top, laminar why and laminar tap find pipelines by the sockets in the runtime directory of their user: $XDG_RUNTIME_DIR/laminar, or a folder of the user in the temporary directory. A pipeline that has ended, that belongs to another user, or that was started with another XDG_RUNTIME_DIR is not there.',
  },
  'LMN-7013': {
    title: 'Metrics cannot be served',
    text: 'The address given with --metrics cannot be listened at: another program does, the host is none of this machine, or the port needs permission. --metrics 0 takes a port that is free and says which.',
  },
  'LMN-7014': {
    title: 'The pipeline has no such stream',
    text: 'laminar tap reads the sources, streams and sinks of a running pipeline by the names that the pipeline gives them. laminar tap without a name lists them.',
  },
  'LMN-7015': {
    title: 'What is asked for is not computed',
    text: 'A pipeline computes what its sinks need: streams that nothing reads, and columns that nothing reads, are left out of it. Add a sink that reads them, or ask for others.',
  },
  'LMN-7016': {
    title: 'This is no predicate over a row',
    text: '--where of laminar tap takes what may stand in WHERE of a query that reads one stream: no aggregates, no subqueries, no other clauses.',
  },
  'LMN-7017': {
    title: 'The stream cannot be read now',
    text: 'A tap needs memory on the cores of the run, and gives up rather than take what the pipeline may need; and a predicate that fails for a row, say by a cast, ends the tap. The pipeline goes on.',
  },
  'LMN-7018': {
    title: 'A pipeline is run by another version',
    text: 'laminar top and laminar why read what a running pipeline says of itself. The program that runs this one is of another version, which says it in a form that this one does not know. A program of its own version understands it; when both are of the same form, what is new is left alone.',
  },
} as const satisfies Record<string, CodeEntry>;
