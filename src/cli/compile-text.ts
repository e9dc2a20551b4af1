// From the pipeline a user gave to its plan: what `${NAME}` and SET may be told from outside, and the compiler.

import path from 'node:path';
import { nearestName } from '../base/names.ts';
import type { CompiledPipeline } from '../sql/compile.ts';
import { type PipelineText, withPipeline } from './failure.ts';
import { parseAssignments } from './pipeline-text.ts';

/**
 * Compiles the pipeline. A value of --set is one of a setting where there is a setting of that name, and one of
 * `${NAME}` otherwise; it wins over SET and over the environment. A value that nothing uses is a notice.
 * @throws PipelineFailure, UsageError
 */
export async function compileText(
  pipeline: PipelineText,
  assignments: readonly string[] = [],
): Promise<CompiledPipeline> {
  const given = parseAssignments(assignments);
  const [{ compilePipeline }, { SETTINGS }] = await Promise.all([
    import('../sql/compile.ts'),
    import('../sql/bind/settings.ts'),
  ]);
  const isSetting = (name: string) => SETTINGS.some((setting) => setting.name === name.toLowerCase());
  const settings = Object.fromEntries(Object.entries(given).filter(([name]) => isSetting(name)));
  const { fileName, text } = pipeline;
  const variables = { ...environment(), PIPELINE_DIR: fileName === '-e' ? '.' : path.dirname(fileName), ...given };
  const { plan, notices, bound } = await withPipeline(pipeline, () =>
    compilePipeline(text, { fileName, variables, settings }),
  );
  const unused = Object.keys(given).filter((name) => !isSetting(name));
  return { plan, bound, notices: [...notices, ...unusedNotices(unused, text)] };
}

function environment(): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) variables[name] = value;
  return variables;
}

function unusedNotices(names: readonly string[], text: string): string[] {
  const used = new Set([...text.matchAll(/\$\{(\w+)/g)].map((match) => match[1] as string));
  return names
    .filter((name) => !used.has(name))
    .map((name) => {
      const nearest = nearestName(name, used);
      const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
      return `--set ${name} has no effect: the pipeline does not mention \${${name}}${hint}`;
    });
}
