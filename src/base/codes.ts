// Every error code, with what it means and what to do: the source of `laminar explain LMN-nnnn` and docs/errors.md.
//
// Codes are stable: never reuse or renumber one. First digit: 1 syntax, 2 binding and planning, 3 run time, 4 state,
// 5 connector, 6 format, 7 platform.

export interface CodeEntry {
  /** One line: what went wrong. */
  title: string;
  /** A few sentences: why it happens, what to do, an example where it helps. */
  text: string;
}

export const CODES = {
  'LMN-1001': {
    title: 'The pipeline text does not follow the grammar',
    text: 'The parser met something it did not expect. The message shows the place and what could stand there.',
  },
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
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof CODES;
