// The contract of sinks whose output counts exactly once: two-phase commit with presumed abort.
//
//   begin ─► writer.write … │ barrier │ ─► preCommit ─► yes, of all sinks ─► decision ─► commit
//                                                   ╰─► no, or nothing in time ───────► abort
//   a run begins ─► recover: what is decided is committed, everything else is gone
//
// An output is a log of bytes. An epoch covers those behind the last decided epoch, up to where the writer was at the
// epoch's barrier (ByteWriter.settle). The writer belongs to a core, which goes on writing at once; what is here
// is called on the main thread and may wait for a disk or a network.
//
// The decision is the manifest in the coordinator's environment: an epoch that is in none is aborted, by whoever finds it.
//
// The caller guarantees: epochs grow, and no number is used twice; `recover` or `begin` comes before everything else;
// `commit` comes after a decision, and again until it has succeeded, in a later run too; a vote that came too late does
// not count. It waits for each call, but for a `preCommit` that takes too long: then `abort` comes meanwhile.
//
// The implementer guarantees: what it has said yes to can be committed, also by another process after a crash; nothing
// of an epoch is visible, to readers that read what is committed, before `commit`; committing twice is committing once. After
// `abort` nothing is lost: the next epoch has these bytes too. A sink that has lost them throws: the run ends, and the next one begins
// where the last decided epoch ended.

/** A part of the output: all of it up to a byte, as an epoch names it. */
export interface EpochPart {
  /** 0: what was there before the first. */
  epoch: number;
  /** Bytes of the output at its barrier; of epoch 0 what `begin` has given. */
  bytes: number;
  /** What its writer said there (ByteWriter.place); left out: nothing. */
  place?: string;
  /** What the sink gave with its vote, to commit after a crash; null: it needs nothing. */
  handle: string | null;
}

/** Of a sink, before the decision. */
export type Vote = { isYes: true; handle: string | null } | { isYes: false; reason: string };

export interface SinkTransactions {
  /** For messages: a file's path, a table. */
  readonly name: string;
  /**
   * Before anything is written, where no epoch was decided. @returns how much is there already and stays: bytes of the output,
   * or files of one that has many.
   */
  begin(): Promise<number>;
  /** Keeps the part where a crash cannot take it away. @throws LaminarError when it is lost. */
  preCommit(part: EpochPart): Promise<Vote>;
  /** Makes it visible, and ends what an earlier epoch has left prepared. @throws when that has to be tried again. */
  commit(part: EpochPart): Promise<void>;
  /** The epoch will not be decided: its bytes belong to the next. Also where it has not voted. */
  abort(epoch: number): Promise<void>;
  /**
   * A run begins: the last decided part is committed, if it is not yet, and everything behind it is thrown away.
   * @throws LMN-4005 when the output does not have it, or cannot go back to it.
   */
  recover(decided: EpochPart): Promise<void>;
}
