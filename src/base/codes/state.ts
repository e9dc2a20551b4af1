// Error codes 4000 to 4999: state directories, checkpoints and logs of input.

import type { CodeEntry } from './entry.ts';

export const STATE_CODES = {
  'LMN-4001': {
    title: 'The state directory is in use',
    text: 'A state directory belongs to one run at a time: another process has it open. Wait for that run, stop it, or give this one a directory of its own.',
  },
  'LMN-4002': {
    title: 'Part of the pipeline cannot be kept in a state directory',
    text: 'With --state-dir every source must be able to go on from where it was, every operator to be saved and restored, and every output to be cut off where the last checkpoint was. The message names the part that cannot, and the hint what to use instead. Without --state-dir the pipeline runs as it is.',
  },
  'LMN-4003': {
    title: 'The state directory cannot be read',
    text: 'Its content is damaged, or was written by a version of Laminar with another format. Nothing of it is used: begin again with --fresh, or bring back a copy of the directory.',
  },
  'LMN-4004': {
    title: 'An input is not what the last checkpoint was reading',
    text: 'A checkpoint notes the name and the place of every input. The file is missing, was replaced, or is shorter than that place. Bring it back, or begin again with --fresh.',
  },
  'LMN-4005': {
    title: 'An output is not what the last checkpoint left',
    text: 'A checkpoint counts on the first bytes of every output file, and what comes after them is cut off and written again. The file has fewer bytes than that: it was changed or replaced. Bring it back, or begin again with --fresh.',
  },
  'LMN-4006': {
    title: 'The state directory belongs to another pipeline',
    text: 'What is kept there was computed by a pipeline with other sources, queries or outputs. Give this pipeline a directory of its own, or begin again with --fresh.',
  },
  'LMN-4007': {
    title: 'The state directory cannot be written',
    text: 'The directory cannot be made or written to, or its disk is full. The run ends: what it has not kept would be lost with the process. After the reason is gone, start it again, and it goes on from the last checkpoint.',
  },
  'LMN-4008': {
    title: 'There is no such checkpoint',
    text: 'A checkpoint is named by its number, a savepoint by the name it was given. Automatic checkpoints are removed when newer ones are there; a savepoint stays until it is removed. The directory may also be none: then no run has been given it by --state-dir.',
  },
  'LMN-4009': {
    title: 'The log of an input is damaged',
    text: 'With a state directory, what standard input gives is written to a log, and read from there by the next run. Some of its bytes are not what was written. Nothing behind them is used, unless --lenient gives them up: then the run goes on behind them, and prints which they were. A last piece that is damaged was never promised, and is cut off.',
  },
  'LMN-4010': {
    title: 'The log of an input does not reach back so far',
    text: 'The log keeps what standard input has given since the oldest automatic checkpoint, but no more than a gigabyte before the last one. A checkpoint or savepoint from before cannot be gone on from: what came after it is gone.',
  },
  'LMN-4021': {
    title: 'An output does not take the last checkpoint',
    text: 'A checkpoint counts once every output has promised to keep its part of it. One that does not, or gives no answer in time, has the checkpoint abandoned, and the next one covers what was in it. At the end of a run there is no next one: it is tried again, and then the run fails. Nothing is lost: started again, it goes on from the last checkpoint that counts.',
  },
  'LMN-4022': {
    title: 'An output has not committed a checkpoint that counts',
    text: 'All outputs had promised to keep their part of a checkpoint, and it was decided that it counts; then one of them could not make its part visible, or gave no answer, several times. The decision stands: the next run has the output do it before anything else.',
  },
} as const satisfies Record<string, CodeEntry>;
