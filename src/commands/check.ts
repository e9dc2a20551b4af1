// laminar check: compiles a pipeline and reports all its errors.

import * as Flags from '@oclif/core/flags';
import { LaminarCommand } from '../cli/base-command.ts';
import { compileText } from '../cli/compile-text.ts';
import { ExitCode, exitCodeOf } from '../cli/exit-codes.ts';
import { describeFailure, failureCause } from '../cli/failure.ts';
import { printNotice } from '../cli/notice.ts';
import { argument, pipelineFlags, readPipeline } from '../cli/pipeline-text.ts';
import { printOut } from '../cli/standard-streams.ts';

export default class Check extends LaminarCommand {
  static override summary = 'Check a pipeline without running it.';
  static override description =
    'Reports every error of the pipeline with its line, and answers 78 if there is one. Nothing is read, connected to or written.';
  static override examples = [
    '<%= config.bin %> check bars.lsql',
    '<%= config.bin %> check bars.lsql --json',
    `<%= config.bin %> check -e "SELECT 1 AS a;"`,
  ];
  static override args = { file: argument('Pipeline file (.lsql).') };
  static override flags = {
    ...pipelineFlags,
    json: Flags.boolean({ summary: 'One JSON object on stdout: { ok, file, errors, notices }.' }),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.parseArguments(Check);
    const pipeline = readPipeline('check', { ...args, ...flags });
    if (flags.json) {
      try {
        const { notices } = await compileText(pipeline, flags.set);
        printOut(JSON.stringify({ ok: true, file: pipeline.fileName, errors: [], notices }));
      } catch (failure) {
        if (exitCodeOf(failureCause(failure)) !== ExitCode.pipelineWrong) throw failure;
        const errors = describeFailure(failureCause(failure), pipeline);
        printOut(JSON.stringify({ ok: false, file: pipeline.fileName, errors, notices: [] }));
        process.exitCode = ExitCode.pipelineWrong;
      }
      return;
    }
    const { plan, notices } = await compileText(pipeline, flags.set);
    for (const notice of notices) printNotice(notice, false);
    const count = (kind: string) => plan.nodes.filter((node) => node.kind === kind).length;
    printOut(`${pipeline.fileName}: ok (${counted(count('source'), 'source')}, ${counted(count('sink'), 'sink')})`);
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
