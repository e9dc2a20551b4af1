import path from 'node:path';
import { describe } from 'vitest';
import { LaminarError, PipelineErrors } from '../../src/base/errors.ts';
import { parsePipeline } from '../../src/sql/parser.ts';
import { renderError } from '../../src/sql/render-error.ts';
import { goldenTests } from '../support/golden.ts';
import { showTree } from '../support/show-tree.ts';

/** The tree as an outline, or the errors as a terminal shows them. */
function parseAndShow(text: string): string {
  try {
    return showTree(parsePipeline(text), text);
  } catch (error) {
    const errors = error instanceof PipelineErrors ? error.errors : [error];
    return errors
      .map((one) => {
        if (!(one instanceof LaminarError)) throw one;
        return renderError(one, text, 'p.lsql');
      })
      .join('\n\n');
  }
}

for (const name of [
  'sources',
  'sinks',
  'queries',
  'joins',
  'lookups',
  'expressions',
  'literals',
  'functions',
  'errors',
  'unsupported',
]) {
  describe(name, () => goldenTests(path.join(import.meta.dirname, `../golden/syntax/${name}.txt`), parseAndShow));
}
