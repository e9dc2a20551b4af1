// A hook for tests: the process is killed, as by kill -9, at a named step of the protocol of checkpoints.
//
//   LAMINAR_TEST_KILL=step:number    when the step is reached with that number, or a greater one

/** Steps of recovery and of a checkpoint, in their order. */
export const KILL_STEPS = [
  'recovering',
  'recovered',
  'begun',
  'share',
  'barrier',
  'settled',
  'posted',
  'voting',
  'synced',
  'blocks',
  'manifest',
  'decided',
  'committed',
  'acknowledged',
  'retired',
  'cut',
];

/** Steps of the log of an input, in their order; their numbers are those of writes. */
export const LOG_KILL_STEPS = ['logging', 'logged', 'log synced'];

/** Steps of files that are rolled; their numbers are those of files. */
export const ROLL_KILL_STEPS = ['rolled', 'renaming', 'renamed', 'taking back'];

/** Ends the process if a test has asked for it. @param number of the checkpoint, write or file, from 1 on. */
export function killPoint(step: string, number: number): void {
  const asked = process.env['LAMINAR_TEST_KILL'];
  if (asked === undefined) return;
  const [name, from] = asked.split(':');
  if (name === step && number >= Number(from)) process.kill(process.pid, 'SIGKILL');
}
