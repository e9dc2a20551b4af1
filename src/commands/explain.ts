// laminar explain: the plan of a pipeline, or what an error code means.

import * as Flags from '@oclif/core/flags';
import { CODES, type CodeEntry } from '../base/codes.ts';
import { nearestName } from '../base/names.ts';
import { LaminarCommand } from '../cli/base-command.ts';
import { compileText } from '../cli/compile-text.ts';
import { printNotice } from '../cli/notice.ts';
import { argument, pipelineFlags, readPipeline } from '../cli/pipeline-text.ts';
import { printOut } from '../cli/standard-streams.ts';
import { UsageError } from '../cli/usage-error.ts';

export default class Explain extends LaminarCommand {
  static override summary = "Show a pipeline's plan, or what an error code means.";
  static override description =
    'The plan is a tree from sinks to sources with types, keys, windows and watermarks. It marks expressions that are not compiled.';
  static override examples = [
    '<%= config.bin %> explain bars.lsql',
    '<%= config.bin %> explain bars.lsql --json',
    '<%= config.bin %> explain bars.lsql --cores 8',
    '<%= config.bin %> explain LMN-1001',
  ];
  static override args = { subject: argument('Pipeline file (.lsql), or an error code (LMN-nnnn).') };
  static override flags = {
    ...pipelineFlags,
    cores: Flags.integer({ summary: 'Say what so many cores would share, and how.', min: 1, helpValue: 'N' }),
    json: Flags.boolean({ summary: 'The plan (or the code) as one JSON object.' }),
  };

  async run(): Promise<void> {
    const { flags, args } = await this.parseArguments(Explain);
    const { subject } = args;
    if (subject !== undefined && /^LMN-?\d*$/i.test(subject)) {
      explainCode(subject, flags.json);
      return;
    }
    const pipeline = readPipeline('explain', { ...flags, file: subject });
    const { plan, notices } = await compileText(pipeline, flags.set);
    const { explainJson, explainText } = await import('../plan/explain.ts');
    for (const notice of notices) printNotice(notice, false);
    const { cores } = flags;
    const shared = cores === undefined ? null : (await import('../plan/explain-cores.ts')).explainCores(plan, cores);
    if (flags.json) printOut(JSON.stringify({ ...explainJson(plan), ...(shared === null ? {} : { shared }) }, null, 2));
    else printOut([explainText(plan).trimEnd(), ...(shared === null ? [] : ['', ...shared])].join('\n'));
  }
}

function explainCode(given: string, json: boolean): void {
  const code = given.toUpperCase().replace(/^LMN-?/, 'LMN-');
  const entries: Readonly<Record<string, CodeEntry>> = CODES;
  const entry = entries[code];
  if (entry === undefined) {
    const nearest = nearestName(code, Object.keys(CODES));
    throw new UsageError(
      `there is no error code ${code}`,
      nearest === undefined ? undefined : `did you mean ${nearest}?`,
    );
  }
  printOut(json ? JSON.stringify({ code, ...entry }) : `${code}: ${entry.title}\n\n${entry.text}`);
}
